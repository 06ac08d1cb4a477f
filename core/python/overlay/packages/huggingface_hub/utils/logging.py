# huggingface_hub.utils.logging.
import logging
from logging import CRITICAL, DEBUG, ERROR, FATAL, INFO, NOTSET, WARN, WARNING


def get_logger(name=None):
    return logging.getLogger(name or "huggingface_hub")


def get_verbosity():
    return logging.getLogger("huggingface_hub").getEffectiveLevel()


def set_verbosity(level):
    logging.getLogger("huggingface_hub").setLevel(level)


def set_verbosity_info():
    set_verbosity(INFO)


def set_verbosity_warning():
    set_verbosity(WARNING)


def set_verbosity_debug():
    set_verbosity(DEBUG)


def set_verbosity_error():
    set_verbosity(ERROR)


def enable_propagation():
    logging.getLogger("huggingface_hub").propagate = True


def disable_propagation():
    logging.getLogger("huggingface_hub").propagate = False
