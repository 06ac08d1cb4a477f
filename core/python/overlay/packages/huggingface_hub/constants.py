# huggingface_hub.constants.
import os as _os

ENV_VARS_TRUE_VALUES = {"1", "ON", "YES", "TRUE"}


def _is_true(v):
    return v is not None and v.upper() in ENV_VARS_TRUE_VALUES


PYTORCH_WEIGHTS_NAME = "pytorch_model.bin"
CONFIG_NAME = "config.json"
SAFETENSORS_SINGLE_FILE = "model.safetensors"
SAFETENSORS_INDEX_FILE = "model.safetensors.index.json"
REPOCARD_NAME = "README.md"
DEFAULT_REVISION = "main"
DEFAULT_ETAG_TIMEOUT = DEFAULT_DOWNLOAD_TIMEOUT = 10
REPO_ID_SEPARATOR = "--"
REPO_TYPE_DATASET, REPO_TYPE_SPACE, REPO_TYPE_MODEL = "dataset", "space", "model"
REPO_TYPES = [None, "model", "dataset", "space"]
ENDPOINT = _os.getenv("HF_ENDPOINT", "https://huggingface.co").rstrip("/")
HUGGINGFACE_CO_URL_TEMPLATE = ENDPOINT + "/{repo_id}/resolve/{revision}/{filename}"
HF_HOME = _os.path.expanduser(
    _os.getenv("HF_HOME", _os.path.join(_os.getenv("XDG_CACHE_HOME", "~/.cache"), "huggingface"))
)
HF_HUB_CACHE = HUGGINGFACE_HUB_CACHE = default_cache_path = _os.path.expanduser(
    _os.getenv("HF_HUB_CACHE", _os.getenv("HUGGINGFACE_HUB_CACHE", _os.path.join(HF_HOME, "hub")))
)
HF_ASSETS_CACHE = _os.path.join(HF_HOME, "assets")
HF_TOKEN_PATH = _os.path.join(HF_HOME, "token")
HF_HUB_OFFLINE = _is_true(
    _os.environ.get("HF_HUB_OFFLINE") or _os.environ.get("TRANSFORMERS_OFFLINE")
)
HF_HUB_DISABLE_TELEMETRY = True
HF_HUB_DISABLE_PROGRESS_BARS = True
HF_HUB_ENABLE_HF_TRANSFER = False
HF_HUB_DOWNLOAD_TIMEOUT = HF_HUB_ETAG_TIMEOUT = 10


def is_offline_mode():
    return HF_HUB_OFFLINE
