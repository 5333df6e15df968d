"""The control catalogue: data files of controls, the rules that serve them, and the manual evidence they need."""
