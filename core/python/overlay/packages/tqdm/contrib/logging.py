# tqdm.contrib.logging.
from contextlib import nullcontext as logging_redirect_tqdm
