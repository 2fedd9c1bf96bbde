"""Plots as SVG, made on the server: geometry as plain functions, colours by CSS classes.

    drawing.Plot     shapes on a canvas, as SVG text; no style of its own, so a strict CSP holds
    scales           where a number lies on an axis, and which numbers are written at it
    bars, columns, whiskers   one kind of plot each

Nothing here knows Django, the database or a language: sentences and names are given.
"""
