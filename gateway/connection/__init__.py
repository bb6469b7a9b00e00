"""Connections that keep a call's total deadline and know whether any of the call left."""
