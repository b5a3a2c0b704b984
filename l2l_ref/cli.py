"""The command ``l2l``."""

import contextlib
import sys
from pathlib import Path
from typing import Annotated

import typer
from typer.core import TyperGroup

from .support.errors import Diverged, InputError
from .support.interrupts import as_ctrl_c


class Interruptible(TyperGroup):
    """Commands that end in a line on Ctrl-C, and on the other requests to end alike."""

    def invoke(self, context):
        with as_ctrl_c():
            try:
                return super().invoke(context)
            except KeyboardInterrupt as interrupt:
                with contextlib.suppress(OSError):  # the terminal may have gone
                    print(f"\nl2l: {str(interrupt) or 'interrupted'}", file=sys.stderr)
                sys.exit(130)


app = typer.Typer(
    cls=Interruptible,
    help="Train, evaluate and time learned optimizers; do the course's exercises.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain text, which wraps and greps as any other
)

exercises = typer.Typer(
    help="Generate the students' notebooks from their sources.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(exercises, name="exercises")

TaskName = Annotated[str, typer.Argument(metavar="TASK", help="quadratics, digits, mnist, ...")]
Seed = Annotated[int, typer.Option(min=0, help="Of everything random.")]
Device = Annotated[str, typer.Option(help="auto, cpu or cuda.")]
JsonFile = Annotated[Path | None, typer.Option("--json", help="Write the results to this file.")]
Course = Annotated[Path, typer.Option(help="The folder that holds solutions/ and exercises/.")]


def print_version(wanted: bool) -> bool:
    """For ``--version``."""
    if not wanted:
        return False
    from importlib.metadata import PackageNotFoundError, version

    found = []
    for package in ("l2l-course", "torch"):
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:  # a checkout that is not installed
            found.append(f"{package}, not installed")
    print(f"{', '.join(found)}, Python {sys.version.split()[0]}")
    raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=print_version, is_eager=True, help="Say which."),
    ] = False,
) -> None:
    """What comes before a command."""


@app.command()
def train(
    task: TaskName,
    out: Annotated[str, typer.Option(help="The folder for checkpoints and results.")],
    preset: Annotated[
        str, typer.Option(help="quick (minutes), paper (longer), or a further one of the task.")
    ] = "quick",
    start: Annotated[
        Path | None, typer.Option(help="A trained optimizer to go on from, in a new training.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from OUT's checkpoint.")] = False,
    seed: Seed = 0,
    device: Device = "auto",
    json: JsonFile = None,
) -> None:
    """Train an optimizer; the best one is kept in OUT/optimizer.safetensors."""
    from . import training
    from .optimizers import LSTMOptimizer
    from .presets import get_preset
    from .support.files import check_writable, write_json
    from .support.provenance import get_device, provenance
    from .tasks import get_sampler

    place = get_device(device)
    if json is not None:
        check_writable(json)
    done = training.train(
        get_sampler(task),
        get_preset(task, preset),
        task=task,
        seed=seed,
        device=place,
        start=None if start is None else LSTMOptimizer.load(start),
        out=out,
        resume=resume,
    )
    best = done.best
    low, high = best["validation_ci95"]
    print(
        f"best validation: sum of losses {best['validation']:.2f} (95 % interval {low:.2f} to "
        f"{high:.2f}) after {best['trajectory']} trajectories\n"
        f"the optimizer is in {Path(out, training.OPTIMIZER)}"
    )
    if json is not None:
        write_json(json, provenance(seed, place) | done.identity | {"history": done.history})


@app.command()
def evaluate(
    task: TaskName,
    optimizer: Annotated[
        Path | None, typer.Option(help="A trained optimizer; by default the one shipped.")
    ] = None,
    functions: Annotated[
        int | None, typer.Option(min=2, help="Fresh functions; by default 10,000, of digits 100.")
    ] = None,
    steps: Annotated[int, typer.Option(min=1, help="Updates on each function.")] = 100,
    seed: Seed = 0,
    device: Device = "auto",
    json: JsonFile = None,
    plot: Annotated[Path | None, typer.Option(help="Draw the curves to this file.")] = None,
) -> None:
    """Compare a trained optimizer with tuned baselines on fresh functions."""
    from . import evaluation
    from .figures import plots
    from .optimizers import LSTMOptimizer
    from .presets import FUNCTIONS
    from .support.files import check_writable, write_json
    from .support.provenance import get_device, provenance
    from .tasks import get_sampler, trained_on

    sampler, place = get_sampler(task), get_device(device)
    if json is not None:
        check_writable(json)
    if plot is not None:
        plots.check_ending(plot)
        check_writable(plot)
    if json is not None and optimizer is not None and json.resolve() == optimizer.resolve():
        raise InputError(f"--json {json} would write over the optimizer; name another file")
    contestant = LSTMOptimizer.load(optimizer or shipped(task))
    result = evaluation.evaluate(
        sampler,
        {"lstm": contestant},
        task=task,
        functions=functions or FUNCTIONS[trained_on(task)],
        steps=steps,
        seed=seed,
        device=place,
    )
    print_comparison(result)
    if json is not None:
        write_json(json, result | {"provenance": provenance(seed, place)})
    if plot is not None:
        figure, axes = plots.new_figure()
        plots.learning_curves(axes, result)
        plots.save(figure, plot)


@app.command()
def bench(
    repeats: Annotated[int, typer.Option(min=1, help="Timed runs of each; medians count.")] = 5,
    device: Device = "auto",
    task: Annotated[str | None, typer.Option(help="Only the rows of this task.")] = None,
    json: JsonFile = None,
) -> None:
    """Time one training trajectory beside the literal loop of the original."""
    from .bench import benchmark
    from .support.files import check_writable, write_json
    from .support.provenance import get_device, provenance
    from .tasks import get_sampler

    place = get_device(device)
    if json is not None:
        check_writable(json)
    if task is not None:
        get_sampler(task)
    result = benchmark.bench(place, repeats, only=task)
    print_benchmark(result)
    if json is not None:
        write_json(json, result | {"provenance": provenance(0, place)})


@app.command()
def claims(json: JsonFile = None) -> None:
    """Print the paper's claims beside the stored results, as a Markdown table."""
    from .bench.claims import judged, table
    from .support.files import check_writable, write_json

    if json is not None:
        check_writable(json)
        write_json(json, {"claims": judged()})
    print(table(), end="")


@app.command()
def start(
    exercise: Annotated[
        str, typer.Argument(metavar="EXERCISE", help="01_leaf_tensors, leaf_tensors or 1")
    ],
) -> None:
    """Copy an exercise into work/ here; your answers are never overwritten."""
    from .grading.release.start import start

    path, done = start(exercise)
    print(f"{path} {done}.\nOpen it: jupyter lab {path}\nCheck it: l2l check {path}")


@app.command()
def check(
    path: Annotated[
        Path, typer.Argument(metavar="NOTEBOOK_OR_FOLDER", help="What to check; never written to.")
    ],
    timeout: Annotated[
        float, typer.Option(min=1, help="Seconds for each cell; a notebook gets ten times this.")
    ] = 60,
    json: JsonFile = None,
) -> None:
    """Run a notebook in a fresh kernel; show its points, and why some are missing.

    Exits with 0 when all points are there that need no human, with 1 when some are missing, with 2
    when there is nothing to check.
    """
    from .support.extras import need
    from .support.files import check_writable, write_json

    need("exercises", "jupyter_client", "ipykernel", "IPython")
    from .grading.examination.selfcheck import check_folder, check_notebook, scoreboard

    if json is not None:
        check_writable(json)
    if path.is_dir():
        results, code = check_folder(path, timeout)
    else:
        results = [check_notebook(path, timeout)]
        code = 0 if results[0].complete else 1
        print(scoreboard(results[0]))
    if json is not None:
        write_json(json, [result.to_json() for result in results])
    raise typer.Exit(code)


@app.command()
def repair(
    path: Annotated[Path, typer.Argument(metavar="NOTEBOOK", help="What was handed in.")],
    out: Annotated[
        Path | None, typer.Option(help="Where to; by default NAME.repaired.ipynb beside it.")
    ] = None,
    exercise: Annotated[
        str | None, typer.Option(help="Which it is, if neither its code nor its name tells.")
    ] = None,
) -> None:
    """Put a damaged notebook into the form of the release, so that it can be graded.

    Exits with 2 if it is beyond repair. The student's file is never written to.
    """
    from .grading.submission.repair import repair_file

    written, notes = repair_file(path, out, exercise)
    print("\n".join(notes) or "Nothing was damaged.")
    print(f"The notebook is in {written}.")


@app.command()
def grade(
    assignment: Annotated[
        str, typer.Argument(metavar="ASSIGNMENT", help="01_leaf_tensors, leaf_tensors or 1")
    ],
    source: Annotated[
        Path | None,
        typer.Option(
            "--from",
            metavar="FOLDER_OR_ZIP",
            help="What a learning-management system delivered; by default what lies in nbgrader's "
            "folder of submissions.",
        ),
    ] = None,
    student_pattern: Annotated[
        str | None,
        typer.Option(help="A regular expression that finds (?P<student>...) in the paths there."),
    ] = None,
    times: Annotated[
        Path | None,
        typer.Option(
            metavar="CSV",
            help="When work was handed in: columns id and time, such as 2026-10-12 18:00 +0200.",
        ),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes; by default one for each processor.")
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option(help="The address of a dask.distributed cluster to grade on.")
    ] = None,
    unsafe: Annotated[
        bool, typer.Option("--unsafe", help="Where there is no sandbox, grade without one.")
    ] = False,
    timeout: Annotated[
        float, typer.Option(min=1, help="Seconds for each cell; a notebook gets three times this.")
    ] = 300,
    only: Annotated[str | None, typer.Option(help="Grade this student and no other.")] = None,
    again: Annotated[bool, typer.Option("--again", help="Grade anew what is graded.")] = False,
    json: JsonFile = None,
    course: Annotated[Path, typer.Option(help="The folder of nbgrader_config.py.")] = Path("."),
) -> None:
    """Grade a class's submissions in a sandbox, into nbgrader's gradebook.

    Stopped, it goes on where it was when it is started again. Exits with 0 when all that was handed
    in is graded, with 1 when something could not be, with 2 when it cannot begin.
    """
    from .support.extras import need
    from .support.files import check_writable, write_json

    need("grading", "nbgrader", "jupytext", "jupyter_client", "ipykernel", "psutil", "copydetect")
    if scheduler is not None:
        need("cluster", "distributed")
    from .grading.cage import sandbox
    from .grading.classroom import batch
    from .grading.classroom.table import summary, table
    from .grading.examination.grader import grade_submission
    from .grading.submission.likeness import alike

    if json is not None:
        check_writable(json)
    order = batch.Order(
        assignment,
        course,
        source,
        student_pattern,
        workers or batch.processors(),
        scheduler,
        only,
        again,
        times,
        sandbox.patience(timeout),
    )
    chosen = sandbox.choose(unsafe)
    graded = batch.grade_class(order, chosen, grade_submission, alike)
    print(f"sandbox: {sandbox.describe(chosen)}", file=sys.stderr)
    data = summary(graded)
    print(table(data))
    if json is not None:
        write_json(json, data)
    raise typer.Exit(0 if graded.complete else 1)


@exercises.command("build")
def build_exercises(course: Course = Path(".")) -> None:
    """Generate exercises/ from solutions/, never over a notebook that somebody has filled in."""
    from .grading.release.build import build_course

    for path, done in build_course(course):
        print(f"{path}: {done}")


@exercises.command("check")
def check_exercises(course: Course = Path(".")) -> None:
    """Say what in exercises/ is out of step with solutions/; exit with 1 if anything is."""
    from .grading.release.build import check_course

    out_of_step = check_course(course)
    print("\n".join(out_of_step) or "exercises/ is in step with solutions/")
    raise typer.Exit(1 if out_of_step else 0)


def shipped(task: str) -> Path:
    """The optimizer for a task that comes with the package."""
    from .support.files import ARTIFACTS
    from .tasks import trained_on

    return ARTIFACTS / f"{trained_on(task)}.safetensors"


def print_comparison(result: dict) -> None:
    """The table that `evaluate` ends with."""
    count, steps = result["functions"], result["steps"]
    print(f"{result['task']}, {count:,} fresh functions, {steps} steps, {result['device']}")
    columns = f"{'sum':>9}{'95 % interval':>20}{'median':>9}{'final':>11}{'capped':>8}"
    print(f"{'':10}{'rate':>8}{columns}")
    for name, entry in result["optimizers"].items():
        rate = "" if entry["lr"] is None else f"{entry['lr']:g}"
        low, high = entry["sum_ci95"]
        print(
            f"{name:10}{rate:>8}{entry['sum']:9.2f}{f'{low:.2f} to {high:.2f}':>20}"
            f"{entry['median_sum']:9.2f}{entry['final']:11.2e}{entry['diverged']:8d}"
        )


def print_benchmark(result: dict) -> None:
    """The two tables that `bench` ends with."""
    print(f"{result['machine']}, {result['device']}; one 100-step training trajectory, seconds")
    columns = ("seconds", "literal", "ratio", "graph", "floor", "x floor", "peak MB", "evaluation")
    columns += ("JAX", "x JAX") if result["rows"][0]["jax_seconds"] else ()
    print(f"{'work':16}" + "".join(f"{column:>11}" for column in columns))
    for row in result["rows"]:
        print(
            f"{row['work']:16}{row['seconds']:11.4f}{row['baseline_seconds']:11.3f}"
            f"{row['ratio']:11.1f}{row['graph_seconds']:11.4f}{row['floor_seconds']:11.4f}"
            f"{row['over_floor']:11.1f}{row['peak_mb'] or 0:11.0f}{row['evaluation_seconds']:11.4f}"
            + (f"{row['jax_seconds']:11.4f}{row['over_jax']:11.2f}" if row["jax_seconds"] else "")
        )
    columns = ("window", "coords", "seconds", "eager", "per second", "floor", "x floor")
    print(f"\n{'growth':16}" + "".join(f"{column:>11}" for column in columns))
    for row in result["growth"]:
        print(
            f"{row['work']:16}{row['window']:11}{row['coordinates']:11,}{row['seconds']:11.4f}"
            f"{row['eager_seconds']:11.4f}{row['trajectories_per_second']:11.1f}"
            f"{row['floor_seconds']:11.4f}{row['over_floor']:11.1f}"
        )
    print()
    for row in result["steps"]:
        print(
            f"one step on {row['weights']:,} weights: {1000 * row['seconds']:.2f} ms, and "
            f"{1000 * row['adam_seconds']:.2f} ms with Adam, {row['ratio']:.0f} times"
        )
    if full := result["denormals"]:
        print(
            f"{full['work']}: {full['seconds']:.2f} s, and {full['unflushed_seconds']:.2f} s "
            f"where denormal numbers are kept, {full['ratio']:.1f} times"
        )


def main() -> None:
    """The entry point: bad input ends in a line or two and exit code 2, never in a traceback."""
    if hasattr(sys.stdout, "reconfigure"):  # a name that a terminal cannot show must not end it
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        app()
    except InputError as error:
        print(f"l2l: {error}", file=sys.stderr)
        sys.exit(2)
    except Diverged as error:
        print(f"l2l: {error}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
