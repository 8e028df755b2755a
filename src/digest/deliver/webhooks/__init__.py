"""What mail providers report over HTTP: their proofs, and their words for bounces and complaints.

Each provider has a module with two functions: ``is_genuine`` or what takes its place, and ``events``. What nobody can
prove is not read; what is proven is still only data.
"""
