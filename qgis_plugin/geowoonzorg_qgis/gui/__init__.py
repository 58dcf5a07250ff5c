"""The desktop's widgets, imported only when they are asked for."""
