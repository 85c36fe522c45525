"""What level a regimen leads to, how fast and for how long: models, regimens and the exact solution of linear ones, in float64 arrays.

It never applies a dose, and it knows no drug: models are data. Nothing here is loaded before it is needed.
"""
