"""Training, evaluation and export of Wazir models; needs the extra ``train``."""
