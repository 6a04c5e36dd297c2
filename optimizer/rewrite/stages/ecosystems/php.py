"""PHP: extensions and Composer's packages are built in one stage, and run on the same image without the tools.

There is no slim image of PHP, so both stages stand on the same one. Sources: docker-library/php (docker-php-ext-*,
where extensions lie), getcomposer.org (programmatic installation).
"""

from __future__ import annotations

from optimizer.facts.bases import Base, base_of
from optimizer.facts.document import Document
from optimizer.facts.stages import Stage
from optimizer.rewrite.stages.onto_slim import plan_for
from optimizer.rewrite.stages.products import Place, Product
from optimizer.rewrite.stages.split import Refused, Verdict

EXTENSIONS = ("/usr/local/lib/php/extensions", "/usr/local/etc/php/conf.d")
_COMPOSER = "/usr/local/bin/composer"
_MODULES = frozenset("a2enmod a2dismod a2ensite a2dissite a2enconf a2disconf phpenmod phpdismod".split())
_CONFIGURED = ("/etc/apache2/", "/usr/local/etc/php", "$PHP_INI_DIR", "${PHP_INI_DIR}", "/etc/php")
_WORKS_HERE = frozenset({"phpunit", "artisan", "drush", "yarn", "npm", "node"})


def split_of(doc: Document, stage: Stage) -> Verdict:
    """Split a stage that stands on an image of PHP and installs what only builds need."""
    base = base_of(doc, stage)
    if not isinstance(base, Base) or base.tag.image != "php" or base.tag.distro.startswith("alpine"):
        return None
    plan = plan_for(doc, stage, base, product_of, base.tag)
    if isinstance(plan, Refused):
        return plan
    dropped = [name for name in plan.account.installed if name not in plan.packages]
    paths = [*plan.trees, *plan.needed]
    if not dropped or not paths:
        return Refused("it installs nothing that only its build needs", stage.head.start)
    plan.evidence.insert(0, f"extensions and sources lie in {', '.join(paths)}")
    what = f"{', '.join(dropped[:4])}{' and more' if len(dropped) > 4 else ''}"
    return plan.split(
        tuple(plan.copied(path) for path in paths),
        what,
        base=stage.image.raw,
        why="extensions and packages are built with headers and tools; what runs needs neither",
    )


def product_of(place: Place) -> Product | None:
    """Return what a call makes, None where it is none of PHP's tools."""
    call = place.call
    words = [w.value if w.value is not None else w.raw for w in call.words]
    program = call.program
    if program.startswith("docker-php-ext-") or (program == "pecl" and "install" in words):
        return Product("extensions are built", EXTENSIONS)
    if program in ("docker-php-source", "pecl", "pear"):
        return Product("it only sets up")
    if program in _MODULES:
        return Product("it chooses modules of the web server", late=True)
    if program in ("curl", "wget") and any("getcomposer.org" in w for w in words):
        return Product("it fetches Composer's installer")
    if call.is_("composer") or program == "composer.phar":
        return _composer(place, words)
    if program == "php":
        return _php(place, words)
    if program == "sed" and any(w.startswith(("-i", "-ri", "--in-place")) for w in words):
        return _edited(place, words)
    if program in ("mv", "cp", "ln") and any(w.strip("\"'").startswith(_CONFIGURED) for w in words):
        return Product("it configures PHP or its web server", late=True)
    return Product("it works where the application lies", (place.folder,)) if program in _WORKS_HERE else None


def _composer(place: Place, words: list[str]) -> Product:
    if "global" in words:
        return Product("", refused="Composer installs for all, in the home of the user")
    if place.call.action in ("config", "clear-cache", "clearcache", "diagnose", "validate", "self-update", "about", ""):
        return Product("it only sets up")
    folder = next((place.locate(v) for v in place.call.shell.value_of("-d", "--working-dir")), place.folder)
    return Product("Composer installs", (folder,), refused="" if folder else "where Composer installs is not known")


def _php(place: Place, words: list[str]) -> Product:
    names = [w for w in words[1:] if not w.startswith("-")]
    if any("composer" in w for w in words) and (any("install-dir" in w for w in words) or "--" in words):
        return Product("it installs Composer", (_COMPOSER,), tool=True, names=("composer",))
    if "-r" in words or (names and "composer-setup" in names[0]):
        return Product("it installs Composer" if "composer" in " ".join(words) else "it only tells")
    if names and names[0].rpartition("/")[2] in ("artisan", "console", "bin/console"):
        return Product("it works where the application lies", (place.folder,))
    name = names[0] if names else "with an option"
    return Product("", refused=f"what php {name} leaves in the image is not known")


def _edited(place: Place, words: list[str]) -> Product | None:
    """Return what `sed -i` does: to the application's own files, or to the configuration of the image."""
    files = [w for w in words[1:] if not w.startswith("-")][1:] or [""]
    if all(w.strip("\"'").startswith(_CONFIGURED) for w in files):
        return Product("it configures PHP or its web server", late=True)
    located = [place.locate(w) for w in files]
    return Product("it edits the application's own files", tuple(located)) if all(located) else None
