"""What pyproject.toml cannot say: the wheel carries the lessons, which stand in notebooks/ and nowhere else."""

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class WithLessons(build_py):
    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            target = Path(self.build_lib) / "mlpcourse" / "notebooks"
            target.mkdir(parents=True, exist_ok=True)
            for lesson in sorted(Path(__file__).parent.glob("notebooks/*.ipynb")):
                self.copy_file(str(lesson), str(target / lesson.name))


setup(cmdclass={"build_py": WithLessons})
