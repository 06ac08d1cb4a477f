# Sourced by the fetching scripts: one wheel of a PyPI release, checked against its SHA-256.
# fetch_pypi wheel NAME VERSION FILE SHA256 FOLDER      (KDEX_DOWNLOADS: a folder to look in first)
fetch_pypi() {
  local name=$2 version=$3 file=$4 sha=$5 folder=$6
  local kept=${KDEX_DOWNLOADS:-.kdex/downloads}
  if [ -f "$kept/$file" ] && echo "$sha  $kept/$file" | sha256sum -c --status; then
    cp "$kept/$file" "$folder/$file"
    return 0
  fi
  python3 -m pip --version >/dev/null 2>&1 || {
    echo "fetch: python3 with pip is needed to fetch $name $version; install python3-pip, or put $file into $kept" >&2
    return 2
  }
  python3 -m pip download -q --disable-pip-version-check --no-deps --only-binary :all: --python-version 311 \
    --implementation cp --platform manylinux_2_34_x86_64 --platform manylinux_2_28_x86_64 --platform manylinux2014_x86_64 \
    --platform manylinux2010_x86_64 --platform any -d "$folder" "$name==$version" || {
    echo "fetch: pip could not download $name $version; check the network and pip's index" >&2
    return 2
  }
  [ -f "$folder/$file" ] || { echo "fetch: pip did not deliver $file of $name $version" >&2; return 2; }
  echo "$sha  $folder/$file" | sha256sum -c --status || {
    echo "fetch: $file has another SHA-256 than the pinned $sha; it is not used" >&2
    return 2
  }
}
