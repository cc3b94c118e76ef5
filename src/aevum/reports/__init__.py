"""A fitted model and its figures to pages and cards; Jinja2 lives in this room only."""

from aevum.reports.card import model_card
from aevum.reports.comparison import comparison_page
from aevum.reports.page import page

__all__ = ["comparison_page", "model_card", "page"]
