"""The packages of the wheel; everything else about it stands in `pyproject.toml`.

The folder `resources` lies at the top of the repository, where people look for it. In a wheel it becomes the data
package `cellcube_resources` beside `lattice`: a top-level package `resources` would clash with other projects. The
pages of `docs`, which the window shows, become `cellcube_docs` in the same way; their pictures stay behind.
"""

from setuptools import find_packages, setup

setup(
    packages=[*find_packages(include=["app", "app.*", "lattice", "lattice.*"]), "cellcube_resources", "cellcube_docs"],
    package_dir={"cellcube_resources": "resources", "cellcube_docs": "docs"},
    package_data={"app.cube": ["shaders/*"], "cellcube_resources": ["*", "*/*"], "cellcube_docs": ["*.md"]},
)
