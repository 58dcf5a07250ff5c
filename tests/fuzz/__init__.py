"""Differential fuzzing: small PBF files, changed at random, read by our decoder and by libosmium.

``make fuzz`` does it for ten minutes; a slice that is the same every time belongs to the tests. Both
readers run in a child process, so that what kills or hangs one of them is a finding and not the end.
"""
