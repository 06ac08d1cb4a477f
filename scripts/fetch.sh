# Sourced by the fetching scripts: one file of a PyPI release, checked against its SHA-256.
# fetch_pypi sdist|wheel NAME VERSION FILE SHA256 FOLDER [PYTHON-VERSION PLATFORM]
fetch_pypi() {
  local kind=$1 name=$2 version=$3 file=$4 sha=$5 folder=$6
  local kept=${KDEX_DOWNLOADS:-.kdex/downloads}
  mkdir -p "$folder"
  if [ -f "$kept/$file" ] && echo "$sha  $kept/$file" | sha256sum -c --quiet 2>/dev/null; then
    cp "$kept/$file" "$folder/$file"
    return 0
  fi
  command -v python3 >/dev/null && python3 -m pip --version >/dev/null 2>&1 || {
    echo "fetch: python3 with pip is needed to fetch $name $version; install python3-pip, or put $file into $kept" >&2
    return 1
  }
  if [ "$kind" = sdist ]; then
    # An sdist is asked for by its requirement with a hash; pip builds its metadata, so the plain file is
    # taken first and pip's own metadata step is left out where it fails.
    python3 -m pip download -q --no-deps --no-build-isolation --no-binary :all: -d "$folder" "$name==$version" || true
  else
    python3 -m pip download -q --no-deps --only-binary :all: --python-version "${7:-311}" --implementation cp \
      --abi "cp${7:-311}" --abi none --platform "${8:-manylinux_2_34_x86_64}" --platform any \
      -d "$folder" "$name==$version"
  fi
  [ -f "$folder/$file" ] || { echo "fetch: pip did not deliver $file of $name $version" >&2; return 1; }
  echo "$sha  $folder/$file" | sha256sum -c --quiet || {
    echo "fetch: $file has another SHA-256 than the pinned $sha; it is not used" >&2; rm -f "$folder/$file"; return 1; }
}
