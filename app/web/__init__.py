"""The only place that knows FastAPI: routes translate requests, services decide, views go to templates."""
