"""The table's perimeter: from which networks and for which principals its items are reached (NET-4, CS-6, CS-7)."""
