"""The control catalogue: data files of controls, the rules that serve them, and what a person must still show."""
