"""What people see: the map page and the printed report, in words that read_texts holds."""
