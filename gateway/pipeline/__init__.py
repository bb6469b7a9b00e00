"""Joins the stages: event → leads → plans → deliveries → attempts. Decides; the worker only does."""
