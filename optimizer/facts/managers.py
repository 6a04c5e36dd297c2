"""The one table of package managers: verbs, options, caches and how each is cleaned.

Sources: the managers' manual pages (apt-get(8), yum(8), dnf(8), zypper(8), apk(8)) and the
documentation of pip, conda, npm, yarn, pnpm, gem, bundler, composer, cargo, go, maven, gradle.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Manager:
    """One package manager.

    `install` are the verbs that put packages into the image, `fetch` those that need the lists
    or indexes of packages, `update` those that only renew them, `clean` and `remove` as named.
    `valued` are the options that take the next word. `yes` is the option that answers questions,
    `yes_forms` all its spellings. `caches` are the folders that it fills (`~` is the home of the
    user who calls it; patterns are allowed), `cache_env` the variables that move them, `clean_command`
    what empties them, where the verb must be followed by one of `clean_operands` if there are any.
    `no_cache` is the option that leaves no cache, `no_cache_env` the variable that means the same.
    `bare_installs` tells that the program without a verb installs.
    """

    name: str
    programs: frozenset[str]
    install: frozenset[str]
    update: frozenset[str] = frozenset()
    fetch: frozenset[str] = frozenset()
    clean: frozenset[str] = frozenset()
    remove: frozenset[str] = frozenset()
    valued: frozenset[str] = frozenset()
    yes: str = ""
    yes_forms: frozenset[str] = frozenset()
    caches: tuple[str, ...] = ()
    cache_env: tuple[str, ...] = ()
    clean_command: str = ""
    clean_operands: frozenset[str] = frozenset()
    no_cache: str = ""
    no_cache_env: str = ""
    bare_installs: bool = False


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


APT_LISTS = "/var/lib/apt/lists"

_YUM = _set(
    "--enablerepo --disablerepo --repo --repoid --setopt --releasever --installroot --exclude -x -c --config "
    "-d --debuglevel -e --errorlevel --nogpgcheck= --enableplugin --disableplugin --forcearch --advisory --comment"
)

MANAGERS: tuple[Manager, ...] = (
    Manager(
        "apt",
        _set("apt-get apt"),
        install=_set("install build-dep satisfy"),
        update=_set("update"),
        fetch=_set("install build-dep satisfy upgrade dist-upgrade full-upgrade source download changelog reinstall"),
        clean=_set("clean autoclean dist-clean distclean"),
        remove=_set("remove purge autoremove autopurge auto-remove"),
        valued=_set("-t --target-release --default-release -o --option -c --config-file -a --host-architecture"),
        yes="-y",
        yes_forms=_set("-y --yes --assume-yes -qq --assume-no"),
        caches=(APT_LISTS, "/var/cache/apt"),
        clean_command="rm -rf /var/lib/apt/lists/*",
    ),
    Manager(
        "yum",
        _set("yum"),
        install=_set("install groupinstall localinstall reinstall builddep upgrade update group swap shell"),
        update=_set("makecache check-update"),
        fetch=_set(
            "install groupinstall localinstall reinstall upgrade update makecache check-update repolist list search"
        ),
        clean=_set("clean"),
        remove=_set("remove erase autoremove groupremove"),
        valued=_YUM,
        yes="-y",
        yes_forms=_set("-y --assumeyes --assumeno"),
        caches=("/var/cache/yum",),
        clean_command="yum clean all",
        clean_operands=_set("all"),
    ),
    Manager(
        "dnf",
        _set("dnf dnf5 tdnf"),
        install=_set(
            "install groupinstall group localinstall reinstall builddep build-dep upgrade update module swap "
            "distro-sync"
        ),
        update=_set("makecache check-update"),
        fetch=_set("install reinstall upgrade update makecache check-update repolist list search"),
        clean=_set("clean"),
        remove=_set("remove erase autoremove"),
        valued=_YUM,
        yes="-y",
        yes_forms=_set("-y --assumeyes --assumeno"),
        caches=("/var/cache/dnf", "/var/cache/libdnf5"),
        clean_command="dnf clean all",
        clean_operands=_set("all"),
    ),
    Manager(
        "microdnf",
        _set("microdnf"),
        install=_set("install reinstall update upgrade module"),
        update=_set("makecache"),
        fetch=_set("install reinstall update upgrade makecache repolist"),
        clean=_set("clean"),
        remove=_set("remove"),
        valued=_YUM,
        yes="-y",
        yes_forms=_set("-y --assumeyes"),
        caches=("/var/cache/yum", "/var/cache/dnf"),
        clean_command="microdnf clean all",
        clean_operands=_set("all"),
    ),
    Manager(
        "zypper",
        _set("zypper"),
        install=_set("install in update up patch dist-upgrade dup source-install si install-new-recommends inr"),
        update=_set("refresh ref"),
        fetch=_set("install in update up patch dist-upgrade dup search se"),
        clean=_set("clean cc"),
        remove=_set("remove rm"),
        valued=_set("-r --repo --from -t --type -R --root -D --reposd-dir -C --cache-dir --plus-repo -p"),
        yes="-y",
        yes_forms=_set("-y --no-confirm -n --non-interactive"),
        caches=("/var/cache/zypp",),
        clean_command="zypper clean --all",
    ),
    Manager(
        "apk",
        _set("apk"),
        install=_set("add upgrade fix"),
        update=_set("update"),
        fetch=_set("add upgrade fix fetch search policy"),
        clean=_set("cache"),
        remove=_set("del"),
        valued=_set("-t --virtual -X --repository -p --root --arch --keys-dir --repositories-file --wait --cache-dir"),
        caches=("/var/cache/apk",),
        clean_command="rm -rf /var/cache/apk/*",
        no_cache="--no-cache",
    ),
    Manager(
        "pip",
        _set("pip pip2 pip3"),
        install=_set("install wheel download"),
        valued=_set(
            "-r --requirement -c --constraint -e --editable -t --target -i --index-url --extra-index-url -f "
            "--find-links --trusted-host --prefix --root --src --platform --python-version --implementation --abi "
            "--global-option --install-option --cache-dir --cert --proxy --timeout --retries --log --upgrade-strategy "
            "--progress-bar --only-binary --no-binary --report -d --dest -w --wheel-dir --python --use-feature "
            "--use-deprecated --config-settings -C --exists-action --client-cert --group"
        ),
        caches=("~/.cache/pip",),
        cache_env=("PIP_CACHE_DIR", "XDG_CACHE_HOME"),
        clean_command="rm -rf ~/.cache/pip",
        no_cache="--no-cache-dir",
        no_cache_env="PIP_NO_CACHE_DIR",
    ),
    Manager(
        "uv",
        _set("uv"),
        install=_set("sync pip add tool"),
        valued=_set("--directory --project --python -p --index-url --extra-index-url --cache-dir --config-file -r -c"),
        caches=("~/.cache/uv",),
        cache_env=("UV_CACHE_DIR", "XDG_CACHE_HOME"),
        clean_command="uv cache clean",
        no_cache="--no-cache",
        no_cache_env="UV_NO_CACHE",
    ),
    Manager(
        "conda",
        _set("conda mamba micromamba"),
        install=_set("install create update upgrade env"),
        clean=_set("clean"),
        remove=_set("remove uninstall"),
        valued=_set("-n --name -p --prefix -c --channel -f --file --solver -r --root-prefix"),
        yes="-y",
        yes_forms=_set("-y --yes"),
        caches=("/opt/conda/pkgs", "*/pkgs"),
        cache_env=("CONDA_PKGS_DIRS",),
        clean_command="conda clean --all --yes",
    ),
    Manager(
        "npm",
        _set("npm"),
        install=_set(
            "install i ci add in ins inst isntall clean-install install-test it update up install-ci-test cit"
        ),
        clean=_set("cache"),
        valued=_set("--prefix --registry --cache --loglevel --workspace -w --omit --include --userconfig -C"),
        caches=("~/.npm", "~/.npm/_cacache"),
        cache_env=("npm_config_cache", "NPM_CONFIG_CACHE"),
        clean_command="npm cache clean --force",
        clean_operands=_set("clean clear rm"),
    ),
    Manager(
        "yarn",
        _set("yarn yarnpkg"),
        install=_set("install add global workspaces"),
        clean=_set("cache"),
        valued=_set("--cwd --registry --cache-folder --modules-folder --network-timeout --use-yarnrc --mutex"),
        caches=("/usr/local/share/.cache/yarn", "~/.cache/yarn"),
        cache_env=("YARN_CACHE_FOLDER", "XDG_CACHE_HOME"),
        clean_command="yarn cache clean",
        clean_operands=_set("clean"),
        bare_installs=True,
    ),
    Manager(
        "pnpm",
        _set("pnpm"),
        install=_set("install i add update up"),
        valued=_set("--filter -F -C --dir --store-dir --registry --reporter --config"),
        caches=("~/.local/share/pnpm/store",),
        cache_env=("PNPM_HOME", "npm_config_store_dir"),
    ),
    Manager(
        "gem",
        _set("gem"),
        install=_set("install i update"),
        clean=_set("cleanup"),
        valued=_set(
            "-v --version -i --install-dir -n --bindir -s --source --platform -P --trust-policy -p --http-proxy"
        ),
        caches=("~/.gem",),
    ),
    Manager(
        "bundler",
        _set("bundle bundler"),
        install=_set("install update"),
        clean=_set("clean"),
        valued=_set("-j --jobs --path --without --with --gemfile --binstubs --retry --shebang --standalone"),
        bare_installs=True,
    ),
    Manager(
        "composer",
        _set("composer composer.phar"),
        install=_set("install i update u upgrade require r create-project global"),
        clean=_set("clear-cache clearcache cc"),
        valued=_set("-d --working-dir"),
        caches=("~/.composer/cache", "~/.cache/composer"),
        cache_env=("COMPOSER_CACHE_DIR", "COMPOSER_HOME", "XDG_CACHE_HOME"),
        clean_command="composer clear-cache",
    ),
    Manager(
        "cargo",
        _set("cargo"),
        install=_set("build b install fetch run r test t check c rustc bench update"),
        valued=_set("--target --features -F --manifest-path --target-dir --bin --package -p --root --git --path -j -Z"),
        caches=("/usr/local/cargo/registry", "~/.cargo/registry", "*/target"),
        cache_env=("CARGO_HOME", "CARGO_TARGET_DIR"),
    ),
    Manager(
        "go",
        _set("go"),
        install=_set("build get install mod run test generate vet"),
        clean=_set("clean"),
        caches=("/go/pkg/mod", "~/go/pkg/mod", "~/.cache/go-build"),
        cache_env=("GOMODCACHE", "GOCACHE", "GOPATH"),
    ),
    Manager(
        "maven",
        _set("mvn mvnw"),
        install=_set("package install compile verify clean deploy test dependency:go-offline dependency:resolve"),
        valued=_set("-f --file -s --settings -P -pl --projects -T --threads -t"),
        caches=("~/.m2/repository",),
    ),
    Manager(
        "gradle",
        _set("gradle gradlew"),
        install=_set("build assemble bootJar jar war shadowJar installDist dependencies clean"),
        valued=_set("-p --project-dir -b --build-file -g --gradle-user-home -x --exclude-task"),
        caches=("~/.gradle", "~/.gradle/caches"),
        cache_env=("GRADLE_USER_HOME",),
    ),
)

BY_PROGRAM: dict[str, Manager] = {program: m for m in MANAGERS for program in m.programs}
BY_NAME: dict[str, Manager] = {m.name: m for m in MANAGERS}
