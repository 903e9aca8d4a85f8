"""Statements, out of the monolith: a service that owns nothing and computes from movements.

    GET  /api/statements           the months that there are
    GET  /api/statements/2025-03   one month, from the monolith's movements
    POST /api/statements           sends one by e-mail: a notification, through the monolith

It calls the monolith's API with the token of whoever asks, so it may see what the caller may see.
"""
