"""What a request may bring, and what an answer has: the JSON of the API, as values.

An answer is a frozen dataclass, made of values of ``digest.model`` or holding them as they are; a request is a
``Wanted``, which takes nothing that it does not know.
"""
