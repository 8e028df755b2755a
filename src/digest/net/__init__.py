"""The network, as a hostile place: which addresses may be contacted, and requests that always end."""
