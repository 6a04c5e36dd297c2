"""Go, Rust, Java, .NET, PHP, Ruby, Make and CMake; and that no reader raises, whatever a file holds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optimizer.context.files import BuildContext
from optimizer.context.manifests.cargo import read_cargo_lock, read_cargo_toml
from optimizer.context.manifests.cmake import read_cmake
from optimizer.context.manifests.composer import read_composer_json, read_composer_lock
from optimizer.context.manifests.dotnet import find_dotnet, read_dotnet
from optimizer.context.manifests.go_mod import read_go_mod, read_go_sources
from optimizer.context.manifests.gradle import read_gradle
from optimizer.context.manifests.make import find_makefile, read_makefile
from optimizer.context.manifests.maven import read_pom
from optimizer.context.manifests.node_locks import read_node_lock
from optimizer.context.manifests.package_json import read_package_json
from optimizer.context.manifests.pipfile import read_pipfile
from optimizer.context.manifests.pyproject import read_pyproject
from optimizer.context.manifests.python_locks import read_python_lock
from optimizer.context.manifests.requirements import read_requirements
from optimizer.context.manifests.ruby import read_gemfile, read_gemfile_lock
from optimizer.context.manifests.setup_py import read_setup_cfg, read_setup_py


@pytest.fixture
def put(tmp_path: Path) -> Callable[..., BuildContext]:
    def write(**files: str) -> BuildContext:
        for name, text in files.items():
            path = tmp_path / name.replace("__", "/").replace("_DOT_", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return BuildContext(tmp_path)

    return write


def test_go(put: Callable[..., BuildContext]) -> None:
    context = put(
        go_DOT_mod="module example.org/x // it\n\ngo 1.22\ntoolchain go1.22.3\nrequire (\n\tgithub.com/mattn/go-sqlite3 v1.14.0\n"
        "\tgolang.org/x/net v0.1.0 // indirect\n)\nrequire github.com/davidbyttow/govips/v2 v2.0.0\nreplace golang.org/x/net => ./net\n",
        go_DOT_sum="x",
        main_DOT_go="package main\n\nimport (\n\t_ \"embed\"\n\t\"net/http\"\n)\n\n//go:embed static/*.html\nvar s string\n\nfunc main() {\n}\n",
        cmd__b__main_DOT_go="package main\n\nfunc main() { }\n",
        c__c_DOT_go='package c\n\n// int x;\nimport "C"\n',
        c__c_test_DOT_go='package main\nimport "C"\nfunc main() {}\n',
        vendor__v_DOT_go='package main\nimport "C"\nfunc main() {}\n',
        gen_DOT_go="//go:build ignore\n\npackage main\n\nfunc main() {\n}\n",
    )  # fmt: skip
    module = read_go_mod(context)
    assert module is not None
    assert (module.module, module.go, module.toolchain) == ("example.org/x", "1.22", "go1.22.3")
    assert [name for name, _ in module.requires] == [
        "github.com/mattn/go-sqlite3",
        "golang.org/x/net",
        "github.com/davidbyttow/govips/v2",
    ]
    assert module.cgo_modules == ("github.com/mattn/go-sqlite3", "github.com/davidbyttow/govips/v2")
    assert (module.replaced, module.sums, module.vendored, module.workspace) == (("./net",), True, False, False)
    sources = read_go_sources(context)
    assert sources.mains == ("cmd/b", ".")
    assert sources.cgo == ("c/c.go",)
    assert sources.embeds == ("static/*.html",)
    assert "net/http" in sources.imports


def test_rust(put: Callable[..., BuildContext]) -> None:
    context = put(
        Cargo_DOT_toml='[package]\nname="app"\nversion="1.0.0"\nrust-version="1.75"\n[dependencies]\nserde="1"\nnear={path="near"}\n'
        '[[bin]]\nname="tool"\npath="src/tool.rs"\n[target.\'cfg(unix)\'.dependencies]\nlibc="1"\n',
        src__main_DOT_rs="fn main() {}\n",
        src__bin__extra_DOT_rs="fn main() {}\n",
        build_DOT_rs="fn main() {}\n",
        Cargo_DOT_lock='[[package]]\nname="openssl-sys"\nversion="0.9.1"\n[[package]]\nname="serde"\nversion="1.0.0"\n',
    )  # fmt: skip
    cargo, lock = read_cargo_toml(context), read_cargo_lock(context)
    assert cargo is not None and lock is not None
    assert (cargo.name, cargo.version, cargo.rust, cargo.build_script) == ("app", "1.0.0", "1.75", "build.rs")
    assert cargo.bins == ("tool", "app", "extra")
    assert (cargo.dependencies, cargo.local, cargo.workspace) == (("serde", "near", "libc"), ("near",), False)
    assert lock.sys == ("openssl-sys",)


POM = """<?xml version="1.0" encoding="UTF-8"?>
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <parent><groupId>org.springframework.boot</groupId><artifactId>spring-boot-starter-parent</artifactId>
    <version>3.3.0</version><relativePath/></parent>
  <groupId>me</groupId><artifactId>app</artifactId><version>${revision}</version><packaging>war</packaging>
  <properties><revision>1.2</revision><java.version>1.8</java.version></properties>
  <modules><module>core</module></modules>
  <dependencies><dependency><groupId>a</groupId><artifactId>b</artifactId></dependency></dependencies>
  <build>%s<plugins><plugin><artifactId>spring-boot-maven-plugin</artifactId></plugin></plugins></build>
</project>
"""


def test_maven(put: Callable[..., BuildContext]) -> None:
    pom = read_pom(put(pom_DOT_xml=POM % ""))
    assert pom is not None
    assert (pom.artifact, pom.version, pom.packaging, pom.archive, pom.java) == (
        "app",
        "1.2",
        "war",
        "app-1.2.war",
        "8",
    )
    assert pom.parent == "org.springframework.boot:spring-boot-starter-parent:3.3.0"
    assert (pom.parent_path, pom.modules, pom.dependencies) == ("", ("core",), ("a:b",))
    assert pom.spring_boot and pom.fat


@pytest.mark.parametrize(
    ("final", "archive"), [("<finalName>x</finalName>", "x.war"), ("<finalName>x-${git.commit}</finalName>", "")]
)
def test_mavens_final_name(put: Callable[..., BuildContext], final: str, archive: str) -> None:
    pom = read_pom(put(pom_DOT_xml=POM % final))
    assert pom is not None and pom.archive == archive


def test_gradle(put: Callable[..., BuildContext]) -> None:
    context = put(
        build_DOT_gradle_DOT_kts='plugins {\n    id("org.springframework.boot") version "3.3.0"\n    id("x.y") apply false\n    java\n    kotlin("jvm")\n}\n'
        '// id("no.such")\nversion = "1.2"\njava { toolchain { languageVersion.set(JavaLanguageVersion.of(21)) } }\n'
        'tasks.named<Jar>("bootJar") {\n  archiveFileName.set("app.jar")\n}\napplication { mainClass.set("me.Main") }\n',
        settings_DOT_gradle_DOT_kts='rootProject.name = "app"\ninclude(":core", "libs:util")\n',
        gradlew="x",
    )  # fmt: skip
    found = read_gradle(context)
    assert found is not None
    assert (found.name, found.version, found.java, found.main) == ("app", "1.2", "21", "me.Main")
    assert found.plugins == ("org.springframework.boot", "java", "kotlin(jvm)")
    assert (found.archive, found.modules, found.wrapper) == ("app.jar", ("core", "libs/util"), True)
    assert found.spring_boot and not found.shadow


def test_dotnet(put: Callable[..., BuildContext]) -> None:
    context = put(
        Web_DOT_csproj='<Project Sdk="Microsoft.NET.Sdk.Web"><PropertyGroup><TargetFramework>net8.0</TargetFramework>'
        "<AssemblyName>site</AssemblyName></PropertyGroup><PropertyGroup Condition=\"'x'=='y'\"><AssemblyName>no</AssemblyName>"
        '</PropertyGroup><ItemGroup><PackageReference Include="A" Version="1"/><ProjectReference Include="..\\L\\L.csproj"/>'
        "</ItemGroup></Project>",
        Tool_DOT_fsproj='<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><TargetFrameworks>net8.0;net9.0</TargetFrameworks>'
        "<OutputType>Exe</OutputType></PropertyGroup></Project>",
    )
    tool, web = find_dotnet(context)
    assert (web.assembly, web.version, web.web, web.packages, web.references) == (
        "site",
        "8.0",
        True,
        ("A",),
        ("../L/L.csproj",),
    )
    assert (tool.assembly, tool.frameworks, tool.version, tool.output, tool.web) == (
        "Tool",
        ("net8.0", "net9.0"),
        "",
        "Exe",
        False,
    )


def test_php(put: Callable[..., BuildContext]) -> None:
    context = put(
        composer_DOT_json='{"require": {"php": "^8.2", "ext-GD": "*", "a/b": "^1"}, "scripts": {"post-autoload-dump": ["x"]},'
        '"repositories": [{"type": "path", "url": "./p"}], "autoload": {"files": ["h.php"], "classmap": ["db"]}}',
        composer_DOT_lock='{"packages": [{"name": "a/b", "version": "1.0", "require": {"ext-intl": "*"}}], "packages-dev": '
        '[{"name": "c/d", "version": "2"}], "platform": {"ext-gd": "*"}}',
    )
    manifest, lock = read_composer_json(context), read_composer_lock(context)
    assert manifest is not None and lock is not None
    assert (manifest.php, manifest.extensions, manifest.scripts) == ("^8.2", ("gd",), ("post-autoload-dump",))
    assert (manifest.local, manifest.files, manifest.classmap) == (("./p",), ("h.php",), True)
    assert (lock.packages, lock.development, lock.extensions) == ((("a/b", "1.0"),), (("c/d", "2"),), ("gd", "intl"))


def test_ruby(put: Callable[..., BuildContext]) -> None:
    context = put(
        Gemfile="source 'https://rubygems.org'\nruby '3.3.0'\ngem 'pg', '~> 1'\ngem \"near\", path: './near'\n"
        "gem 'lib', github: 'me/lib'\ngroup :development, :test do\n  gem 'rspec'\nend\n",
        Gemfile_DOT_lock="PATH\n  remote: near\n  specs:\n    near (0.1)\n\nGEM\n  remote: x\n  specs:\n    nokogiri (1.16-x86_64-linux)\n"
        "    pg (1.5)\n      a (>= 1)\n\nPLATFORMS\n  ruby\n\nDEPENDENCIES\n  pg\n\nBUNDLED WITH\n   2.5.1\n",
    )
    gemfile, lock = read_gemfile(context), read_gemfile_lock(context)
    assert gemfile is not None and lock is not None
    assert (gemfile.ruby, gemfile.local, gemfile.git, gemfile.groups) == (
        "3.3.0",
        ("./near",),
        ("lib",),
        ("development", "test"),
    )
    assert gemfile.whole
    assert (lock.native, lock.local, lock.platforms, lock.bundler) == (("pg",), ("near",), ("ruby",), "2.5.1")
    assert not read_gemfile(put(Gemfile="gemspec\n")).whole  # type: ignore[union-attr]


def test_make_and_cmake(put: Callable[..., BuildContext]) -> None:
    context = put(
        Makefile="BIN := app\nCFLAGS += -O2\n\n.PHONY: all \\\n  clean\nall: $(BIN)\n\n$(BIN): main.o | build\n\t$(CC) -o $@ $^\n\n%.o: %.c\n\t$(CC) -c $<\n"
        "clean:\n\trm -f $(BIN)\n",
        CMakeLists_DOT_txt='# project(no)\nproject(App VERSION 1.0)\nset(NAME "${PROJECT_NAME}d")\nadd_executable(${NAME} main.c)\nadd_library(x INTERFACE)\n'
        "find_package(OpenSSL REQUIRED)\ntarget_link_libraries(${NAME} PRIVATE OpenSSL::SSL pthread)\ninstall(TARGETS ${NAME} RUNTIME DESTINATION bin)\n",
    )  # fmt: skip
    makefile, cmake = find_makefile(context), read_cmake(context)
    assert makefile is not None and cmake is not None
    assert (makefile.default, makefile.outputs, makefile.phony) == ("all", ("app",), {"all", "clean"})
    assert makefile.recipes["clean"] == ("rm -f app",)
    assert makefile.whole
    assert (cmake.name, cmake.executables, cmake.libraries, cmake.installed) == ("App", ("Appd",), (), ("Appd",))
    assert (cmake.linked, cmake.packages) == (("OpenSSL::SSL", "pthread"), ("OpenSSL",))


READERS: dict[str, Callable[[BuildContext, str], object]] = {
    "package.json": read_package_json,
    "package-lock.json": read_node_lock,
    "yarn.lock": read_node_lock,
    "pnpm-lock.yaml": read_node_lock,
    "requirements.txt": read_requirements,
    "pyproject.toml": read_pyproject,
    "uv.lock": read_python_lock,
    "poetry.lock": read_python_lock,
    "Pipfile.lock": read_python_lock,
    "Pipfile": read_pipfile,
    "setup.cfg": read_setup_cfg,
    "setup.py": read_setup_py,
    "go.mod": read_go_mod,
    "Cargo.toml": read_cargo_toml,
    "Cargo.lock": read_cargo_lock,
    "pom.xml": read_pom,
    "a.csproj": read_dotnet,
    "composer.json": read_composer_json,
    "composer.lock": read_composer_lock,
    "Gemfile": read_gemfile,
    "Gemfile.lock": read_gemfile_lock,
    "Makefile": read_makefile,
    "CMakeLists.txt": read_cmake,
}
ODD = st.one_of(
    st.text(max_size=60),
    st.recursive(
        st.none() | st.booleans() | st.integers(0, 9) | st.sampled_from(["a", "file:x", "^1", "."]),
        lambda inner: st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["packages", "dependencies", "scripts", "project", "tool", "poetry", "bin", "", "a", "require"]),
            inner,
            max_size=3,
        ),
        max_leaves=12,
    ).map(lambda value: __import__("json").dumps(value)),
    st.sampled_from(["[package]\nname=1\nversion=[]\n[lib]\nx={}\n", "<project><build/></project>", "<Project/>", "module x\nrequire (", "a: b: c", "[tool.uv]\nsources=1\n[tool.poetry.group]\ndev=3\n", "gem\n", "all:", "project("]),
)  # fmt: skip


@pytest.mark.parametrize("name", READERS)
@given(text=ODD)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_reader_raises(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_bytes(text.encode("utf-8", "surrogatepass"))
    assert READERS[name](BuildContext(tmp_path), name) is not None


@pytest.mark.parametrize("name", READERS)
def test_no_file_no_manifest(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    assert READERS[name](BuildContext(tmp_path), name) is None
    (tmp_path / "out").symlink_to("/etc/hostname")
    assert READERS[name](BuildContext(tmp_path), f"../{name}") is None


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("package.json", "[" * 100_000),
        ("pnpm-lock.yaml", "[" * 20_000),
        ("pyproject.toml", "x=" + "[" * 20_000),
        ("setup.py", "x=" + "-" * 50_000 + "1"),
        ("pom.xml", "<a>" * 50_000),
    ],
)
def test_deep_nesting_is_unreadable(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    assert READERS[name](BuildContext(tmp_path), name).unreadable  # type: ignore[attr-defined]
