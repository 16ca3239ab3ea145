"""Sixteen texts at a time: see gpt_generation.py."""

from gpt_generation import build  # noqa: F401
