# tqdm.contrib.
