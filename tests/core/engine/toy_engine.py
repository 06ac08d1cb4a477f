"""The engine.json of an engine that tests write: its package, folders and files."""

ENGINE = {
    "title": "Toy",
    "package": "toy",
    "models": "toy/nets",
    "assigned": "EntryNet",
    "driver": "driver.py",
    "roles": "roles.json",
    "packages": "packages.json",
    "platforms": "platforms.json",
    "arguments": {"tp": "ways"},
}
