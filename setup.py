"""Everything is in pyproject.toml but this: the notebooks of exercises/ travel in the package, so
that `l2l start` finds them after an installation without the checkout."""

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class WithExercises(build_py):
    """Copies exercises/ into the built package; an editable installation finds them beside it."""

    notebooks = sorted(Path("exercises").glob("*/*.ipynb"))

    def run(self):
        super().run()
        if not self.editable_mode:
            for notebook, target in zip(self.notebooks, self._targets(), strict=True):
                target.parent.mkdir(parents=True, exist_ok=True)
                self.copy_file(str(notebook), str(target))

    def _targets(self) -> list[Path]:
        return [Path(self.build_lib, "l2l_ref", notebook) for notebook in self.notebooks]

    def get_source_files(self) -> list[str]:  # for the source distribution
        return super().get_source_files() + [str(notebook) for notebook in self.notebooks]

    def get_outputs(self, include_bytecode: bool = True) -> list[str]:
        targets = [] if self.editable_mode else [str(target) for target in self._targets()]
        return super().get_outputs(include_bytecode) + targets


setup(cmdclass={"build_py": WithExercises})
