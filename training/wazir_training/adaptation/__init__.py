"""Adaptation of a base to raw text: continued masked-language-model training, and distilling into fewer layers."""
