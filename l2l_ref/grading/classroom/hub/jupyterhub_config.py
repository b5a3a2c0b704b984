"""JupyterHub's settings for trying a class out on one machine; ``try.sh`` beside it starts the hub.

Not for a real class. All its users run as whoever started it, so a student's code can read what
the instructor has, and one password opens every door.
"""

import json
import os
from pathlib import Path

c = get_config()

COURSE = Path(__file__).resolve().parents[4]
NBGRADER = COURSE / ".nbgrader"
HUB = NBGRADER / "hub"
INSTRUCTOR, STUDENTS = "instructor", ("ann", "bob")

#: The course's own settings; an owner is not checked, because everything belongs to one user here.
INSTRUCTORS_NBGRADER = f"""\
c = get_config()
load_subconfig("nbgrader_config.py", path={str(COURSE)!r})
c.ExchangeCollect.check_owner = False
"""
#: nbgrader asks the system who somebody is, and the system knows one user only.
STUDENTS_NBGRADER = """\
c = get_config()
c.CourseDirectory.course_id = "l2l"
c.CourseDirectory.student_id = {student!r}
c.Exchange.root = {exchange!r}
"""


def prepare(spawner) -> None:
    """Set up the home of a user before the server starts: who it is, and where the course is."""
    user, home = spawner.user.name, HUB / "homes" / spawner.user.name
    settings = home / ".jupyter"
    settings.mkdir(parents=True, exist_ok=True)
    if user == INSTRUCTOR:
        spawner.notebook_dir = str(COURSE)
        spawner.args = [*spawner.args, "--ContentsManager.allow_hidden=True"]  # .nbgrader/
        text = INSTRUCTORS_NBGRADER
    else:
        text = STUDENTS_NBGRADER.format(student=user, exchange=str(NBGRADER / "exchange"))
        no_formgrader = {"disabledExtensions": {"@jupyter/nbgrader:formgrader": True}}
        (settings / "labconfig").mkdir(exist_ok=True)
        (settings / "labconfig" / "page_config.json").write_text(json.dumps(no_formgrader))
    (settings / "nbgrader_config.py").write_text(text)


c.JupyterHub.bind_url = os.environ.get("L2L_HUB", "http://127.0.0.1:8000")  # this machine only
c.JupyterHub.db_url = f"sqlite:///{HUB / 'jupyterhub.sqlite'}"
c.JupyterHub.cookie_secret_file = str(HUB / "cookie_secret")
c.ConfigurableHTTPProxy.pid_file = str(HUB / "proxy.pid")

c.JupyterHub.authenticator_class = "shared-password"
c.SharedPasswordAuthenticator.user_password = (HUB / "password").read_text().strip()
c.Authenticator.allowed_users = {INSTRUCTOR, *STUDENTS}

c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = str(HUB / "homes" / "{username}")
c.Spawner.pre_spawn_hook = prepare
c.Spawner.default_url = "/lab"
c.Spawner.args = ["--allow-root"] if os.geteuid() == 0 else []  # as in a container
