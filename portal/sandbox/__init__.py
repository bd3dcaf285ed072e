"""The sandbox: hostile files are opened in here, and nowhere else.

`supervisor` runs in the server. It starts one warm program (`python -I -m portal.sandbox.child`, empty environment)
that has loaded every decoder, taken another user's id where it may, and given the file system and the network up. For
each document that program forks a child, which closes everything but its input and output, takes its limits, installs
a filter of system calls, and only then looks at the first byte. A child never sees a second document.
"""
