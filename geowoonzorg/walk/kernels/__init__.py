"""The compiled loops of the walking engine, over arrays alone; nothing else is compiled.

A loop is longer here than a function elsewhere, and takes more arguments: what is split off is one more
call where a call is much, keeps the compiler from seeing what stays the same, and takes seconds to compile.
"""
