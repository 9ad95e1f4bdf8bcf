"""The record of each call to a model: models, limits, contract."""
