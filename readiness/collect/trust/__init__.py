"""Who writes what reaches a model, and where its answers go: taint, sinks, guards, routes."""
