"""Traps S1 to S15: what a second stage loses, for programs that are compiled."""

from __future__ import annotations

from pathlib import Path

import pytest

from optimizer.facts.settings import Settings
from optimizer.rewrite.change import Outcome, Safety
from tests.support import fixed, run

NAME = "two-stages"
GO = 'package main\n\nimport "fmt"\n\nfunc main() { fmt.Println("hi") }\n'
MODULE = "module example.org/app\n\ngo 1.22\n"
C = '#include <stdio.h>\nint main(void) { puts("hi"); }\n'
BUILD = "WORKDIR /app\nCOPY . .\nRUN go build -o app .\n"


def context(folder: Path, **files: str) -> Path:
    """Make a build context; `__` in a name stands for a slash, and `_` in front of the suffix for a dot."""
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def go(folder: Path, text: str, level: int = 3, **files: str) -> Outcome:
    folder = context(folder, **{"main_go": GO, "go_mod": MODULE, **files})
    fixed(text, NAME, level=level, context=folder)
    return run(text, NAME, level=level, context=folder)


def final_of(outcome: Outcome) -> str:
    """Return the last stage of what came out."""
    assert [a.transform for a in outcome.applied] == [NAME], outcome.left
    return outcome.after[outcome.after.rindex("FROM ") :]


def reason_of(outcome: Outcome) -> str:
    """Return why nothing was done."""
    assert outcome.after == outcome.before
    return " / ".join(item.reason for item in outcome.left)


def test_s1_what_is_written_outside_of_the_folder_is_copied(tmp_path: Path) -> None:
    text = (
        f"FROM golang:1.22\n{BUILD}RUN mkdir -p /var/lib/app && echo on > /etc/app.conf\n"
        "RUN curl -fsSLo /usr/local/bin/dumb-init https://example.org/dumb-init && chmod +x /usr/local/bin/dumb-init\n"
        'ENTRYPOINT ["dumb-init", "./app"]\n'
    )
    final = final_of(go(tmp_path, text))
    assert "RUN mkdir -p /var/lib/app && echo on > /etc/app.conf\n" in final
    assert "COPY --from=build /usr/local/bin/dumb-init /usr/local/bin/\n" in final


def test_s1_what_is_not_known_to_be_written_keeps_the_stage(tmp_path: Path) -> None:
    text = f'FROM golang:1.22\n{BUILD}RUN ./setup.sh\nCMD ["./app"]\n'
    assert "setup.sh" in reason_of(go(tmp_path, text, setup_sh="#!/bin/sh\ncp -r /x /etc\n"))


def test_s1_a_folder_that_is_named_is_made_again(tmp_path: Path) -> None:
    text = f'FROM golang:1.22\nWORKDIR /data\nWORKDIR /spool\n{BUILD}VOLUME /data\nCMD ["./app"]\n'
    final = final_of(go(tmp_path, text))
    assert "WORKDIR /data\nWORKDIR /app\n" in final
    assert "/spool" not in final


def test_s1_what_is_removed_is_not_copied(tmp_path: Path) -> None:
    text = f'FROM golang:1.22\n{BUILD}RUN rm -rf secrets *.yml\nCMD ["./app"]\n'
    reads = 'package main\n\nimport "os"\n\nfunc main() { os.ReadFile(os.Args[1]) }\n'
    final = final_of(go(tmp_path, text, main_go=reads, secrets__key_pem="x", a_yml="a: 1\n", b_json="{}\n"))
    assert "COPY --from=build /app/app /app/b.json /app/\n" in final


def test_s1_make_is_read_for_what_it_does(tmp_path: Path) -> None:
    text = 'FROM golang:1.22\nWORKDIR /app\nCOPY . .\nRUN make build\nCMD ["./bin/app"]\n'
    plain = "build:\n\t@mkdir -p bin && CGO_ENABLED=0 go build -o bin/app .\n"
    final = final_of(go(tmp_path, text, Makefile=plain))
    assert "COPY --from=build /app/bin/app /app/bin/\n" in final
    assert "make" in reason_of(go(tmp_path, text, Makefile=f"{plain}\tcp -r etc /etc/app\n"))


@pytest.mark.parametrize(
    ("makefile", "found"),
    [
        ("PREFIX ?= /opt/tiny\ninstall:\n\tcp tiny $(PREFIX)/bin\n", "/opt/tiny"),
        ("prefix=/usr/local\ninstall:\n\tcp tiny $(prefix)/bin\n", "/usr/local"),
        ("install:\n\tcp tiny /usr/bin/tiny\n", ""),
        ("PREFIX = /usr\ninstall:\n\tcp tiny $(PREFIX)/bin\n", ""),
    ],
)
def test_s1_what_make_installs_is_copied_from_where_it_goes(tmp_path: Path, makefile: str, found: str) -> None:
    folder = context(tmp_path, main_c=C, Makefile=makefile)
    name = f"{found}/bin/tiny" if found else "tiny"
    text = f'FROM debian:bookworm\nWORKDIR /src\nCOPY . .\nRUN make && make install\nCMD ["{name}"]\n'
    outcome = run(text, NAME, context=folder)
    if found:
        assert f"COPY --from=build {found} {found}\n" in final_of(outcome)
    else:
        assert "install" in reason_of(outcome)


def test_s1_what_another_image_gave_is_copied(tmp_path: Path) -> None:
    text = (
        f'FROM golang:1.22\nCOPY --from=example.org/init:1 /init /sbin/my-init\n{BUILD}CMD ["/sbin/my-init", "./app"]\n'
    )
    assert "COPY --from=build /sbin/my-init /sbin/\n" in final_of(go(tmp_path, text))
    folder = text.replace("/sbin/my-init\n", "/sbin/\n")
    assert "another image" in reason_of(go(tmp_path, folder))


def test_s1_a_program_that_may_not_be_there_is_not_copied(tmp_path: Path) -> None:
    text = 'FROM golang:1.22\nWORKDIR /app\nCOPY *.go go.mod ./\nRUN go build && mv * /bin/\nCMD ["/bin/x"]\n'
    assert "/app/app" not in run(text, NAME).after
    text = 'FROM golang:1.22\nWORKDIR /app\nCOPY *.go go.mod ./\nRUN go build\nCMD ["./mine"]\n'
    assert "COPY --from=build /app/mine /app/\n" in final_of(run(text, NAME))


def test_s1_what_is_fetched_and_named_at_run_time_is_copied() -> None:
    text = (
        "FROM golang:1.22\nRUN git clone https://example.org/tools.git /opt/tools\nENV PATH=$PATH:/opt/tools\n"
        'RUN go install example.org/app@latest\nCMD ["app"]\n'
    )
    assert "COPY --from=build /opt/tools /opt/tools\n" in final_of(run(text, NAME))


@pytest.mark.parametrize("level", [2, 3])
def test_other_transforms_leave_a_split_as_it_was_claimed(level: int) -> None:
    text = (
        "FROM golang:1.22-alpine\nRUN apk add --update git docker && go install example.org/app@latest\n"
        'RUN adduser -D app\nUSER app\nCMD ["app"]\n'
    )
    assert fixed(text, level=level).count("FROM ") == 2


def test_s2_libraries_behind_headers_are_installed(tmp_path: Path) -> None:
    text = (
        "FROM debian:bookworm\nRUN apt-get update && apt-get install -y gcc libc6-dev libpq-dev libmagic-dev\n"
        'WORKDIR /app\nCOPY main.c .\nRUN gcc -o app main.c -lpq -lmagic\nCMD ["./app"]\n'
    )
    outcome = run(text, NAME, context=context(tmp_path, main_c=C))
    assert "--no-install-recommends libmagic1 libpq5 " in final_of(outcome)


def test_s2_an_unknown_package_is_in_both_stages(tmp_path: Path) -> None:
    text = "FROM golang:1.22\nRUN apt-get update && apt-get install -y ffmpeg gcc vim\n" + BUILD + 'CMD ["./app"]\n'
    assert "--no-install-recommends ffmpeg \\" in final_of(go(tmp_path, text))


def test_s2_a_tool_that_the_program_starts_is_in_both_stages(tmp_path: Path) -> None:
    calls = 'package main\n\nimport "os/exec"\n\nfunc main() { exec.Command("git", "log").Run() }\n'
    text = "FROM golang:1.22\n" + BUILD + 'CMD ["./app"]\n'
    assert "--no-install-recommends git \\" in final_of(go(tmp_path, text, main_go=calls))


def test_s2_a_tool_of_the_health_check_is_in_both_stages(tmp_path: Path) -> None:
    text = f'FROM golang:1.22\n{BUILD}HEALTHCHECK CMD curl -f http://localhost/\nCMD ["./app"]\n'
    assert "--no-install-recommends curl \\" in final_of(go(tmp_path, text))


def test_s3_users_are_made_again_and_own_what_they_owned(tmp_path: Path) -> None:
    text = (
        "FROM golang:1.22\nRUN groupadd -g 1500 app && useradd -u 1500 -g app -m app\nWORKDIR /app\n"
        'RUN chown app:app /app\nUSER app\nCOPY --chown=app:app . .\nRUN go build -o app .\nCMD ["./app"]\n'
    )
    final = final_of(go(tmp_path, text))
    assert "RUN groupadd -g 1500 app && useradd -u 1500 -g app -m app\n" in final
    assert "RUN chown app:app /app\n" in final
    assert "COPY --from=build --chown=app:app /app/app /app/\n" in final
    assert final.index("useradd") < final.index("USER app") < final.index("COPY --from")


@pytest.mark.parametrize("command", ["setcap cap_net_bind_service=+ep app", "setfacl -m u:1:r app"])
def test_s3_capabilities_keep_the_stage(tmp_path: Path, command: str) -> None:
    text = f'FROM golang:1.22\n{BUILD}RUN {command}\nCMD ["./app"]\n'
    assert command.split()[0] in reason_of(go(tmp_path, text))


def test_s3_a_user_of_the_old_base_keeps_the_stage(tmp_path: Path) -> None:
    text = (
        "FROM gradle:8-jdk17\nUSER gradle\nWORKDIR /home/gradle/app\nCOPY . .\nRUN gradle bootJar\n"
        'CMD ["java", "-jar", "build/libs/app.jar"]\n'
    )
    folder = context(tmp_path, build_gradle="plugins { id 'org.springframework.boot' version '3.3.0' }\n")
    assert "gradle" in reason_of(run(text, NAME, context=folder))


def test_s4_settings_are_said_again(tmp_path: Path) -> None:
    text = (
        "ARG VERSION=1\nFROM golang:1.22\nARG VERSION\nARG COMMIT=none\nLABEL version=$VERSION\nENV MODE=fast GOFLAGS=-trimpath\n"
        'EXPOSE 8080\nSTOPSIGNAL SIGINT\nVOLUME /data\nCMD ["./app"]\n' + BUILD
    )
    final = final_of(go(tmp_path, text))
    for line in (
        "ARG VERSION\nLABEL version=$VERSION\nENV MODE=fast GOFLAGS=-trimpath\n",
        'EXPOSE 8080\nSTOPSIGNAL SIGINT\nVOLUME /data\nCMD ["./app"]\n',
        "WORKDIR /app\n",
    ):
        assert line in final
    assert "COMMIT" not in final


def test_s4_the_folder_of_the_old_base_is_said(tmp_path: Path) -> None:
    final = final_of(go(tmp_path, 'FROM golang:1.22\nCOPY . .\nRUN go build -o app .\nCMD ["./app"]\n'))
    assert "WORKDIR /go\nCOPY --from=build /go/app /go/\n" in final


def test_s4_variables_that_only_builds_read_stay_there(tmp_path: Path) -> None:
    text = f'FROM golang:1.22\nENV CGO_ENABLED=0\nENV GOPROXY=direct\n{BUILD}CMD ["./app"]\n'
    assert "ENV" not in final_of(go(tmp_path, text))


def test_s4_a_variable_of_the_old_base_that_is_read_is_said(tmp_path: Path) -> None:
    reads = 'package main\n\nimport "os"\n\nfunc main() { println(os.Getenv("GOPATH")) }\n'
    text = f'FROM golang:1.22\n{BUILD}CMD ["./app"]\n'
    assert "ENV GOPATH=/go\n" in final_of(go(tmp_path, text, main_go=reads))


def test_s5_certificates_are_kept_for_a_client(tmp_path: Path) -> None:
    client = 'package main\n\nimport "net/http"\n\nfunc main() { http.Get("https://example.org") }\n'
    text = f'FROM golang:1.22\n{BUILD}CMD ["./app"]\n'
    assert "ca-certificates.crt" in final_of(go(tmp_path, text, main_go=client))
    assert "ca-certificates.crt" not in final_of(go(tmp_path, text, main_go=GO))


def test_s5_added_certificates_keep_the_stage(tmp_path: Path) -> None:
    text = (
        "FROM golang:1.22\nCOPY ca.crt /usr/local/share/ca-certificates/\nRUN update-ca-certificates\n"
        f'{BUILD}CMD ["./app"]\n'
    )
    assert "update-ca-certificates" in reason_of(go(tmp_path, text, ca_crt="x"))


def test_s9_what_lies_in_a_cache_mount_is_in_no_layer(tmp_path: Path) -> None:
    folder = context(tmp_path, Cargo_toml='[package]\nname = "app"\nversion = "1.0.0"\n', src__main_rs="fn main() {}\n")
    head = "FROM rust:1.80\nWORKDIR /app\nCOPY . .\nRUN --mount=type=cache,target=/app/target cargo build --release"
    copied = f'{head} && cp target/release/app /usr/local/bin/app\nCMD ["app"]\n'
    final = final_of(run(copied, NAME, context=folder))
    assert "COPY --from=build /usr/local/bin/app /usr/local/bin/\n" in final
    assert "target" not in final
    assert reason_of(run(f'{head}\nCMD ["./target/release/app"]\n', NAME, context=folder))


@pytest.mark.parametrize(
    "text",
    [
        f'FROM golang:1.22 AS base\n{BUILD}FROM base\nCMD ["./app"]\n',
        f'FROM golang:1.22 AS build\n{BUILD}FROM debian:bookworm-slim\nCOPY --from=build /app/app /\nCMD ["/app"]\n',
    ],
)
def test_s10_existing_stages_are_left_alone(tmp_path: Path, text: str) -> None:
    assert go(tmp_path, text).after == text


def test_s10_a_stage_that_is_built_by_name_is_left_alone(tmp_path: Path) -> None:
    text = f'FROM golang:1.22 AS dev\n{BUILD}CMD ["./app"]\n'
    folder = context(tmp_path, main_go=GO, go_mod=MODULE)
    assert "built by name" in reason_of(run(text, NAME, context=folder, settings=Settings(targets=("dev",))))
    assert "COPY --from=dev " in final_of(run(text, NAME, context=folder))


@pytest.mark.parametrize(
    "command",
    [
        '["go", "run", "."]',
        "go run main.go",
        "air -c .air.toml",
        '["sh", "-c", "go build && ./app"]',
        '["make", "run"]',
    ],
)
def test_s11_an_image_that_compiles_when_it_runs_keeps_its_compiler(tmp_path: Path, command: str) -> None:
    assert reason_of(go(tmp_path, f"FROM golang:1.22\n{BUILD}CMD {command}\n"))


@pytest.mark.parametrize("command", ["go run .", '["go", "run", "."]', "\n      - go\n      - run"])
def test_s11_a_compose_file_that_compiles_keeps_the_compiler(tmp_path: Path, command: str) -> None:
    compose = f"services:\n  app:\n    build: .\n    volumes: ['.:/app']\n    command: {command}\n"
    text = f'FROM golang:1.22\n{BUILD}CMD ["./app"]\n'
    (tmp_path / "docker-compose.yml").write_text(compose)
    assert "docker-compose.yml starts it with go run" in reason_of(go(tmp_path, text))


def test_s11_a_script_is_read_for_what_it_compiles(tmp_path: Path) -> None:
    text = f'FROM golang:1.22\n{BUILD}CMD ["./start.sh"]\n'
    assert reason_of(go(tmp_path, text, start_sh="#!/bin/sh\ngo build -o app . && exec ./app\n"))
    final = final_of(go(tmp_path, text, start_sh="#!/bin/sh\nexec ./app\n"))
    assert "COPY --from=build /app/app /app/start.sh /app/\n" in final


def test_s11_a_program_that_calls_the_toolchain_keeps_it(tmp_path: Path) -> None:
    calls = 'package main\n\nimport "os/exec"\n\nfunc main() { exec.Command("go", "build").Run() }\n'
    assert reason_of(go(tmp_path, f'FROM golang:1.22\n{BUILD}CMD ["./app"]\n', main_go=calls))


def test_s11_maven_as_the_start_keeps_maven(tmp_path: Path) -> None:
    text = "FROM maven:3.9-eclipse-temurin-17\nWORKDIR /app\nCOPY . .\nRUN mvn package\nCMD mvn spring-boot:run\n"
    assert "mvn" in reason_of(run(text, NAME, context=context(tmp_path, pom_xml="<project/>")))


def test_s11_a_script_that_hands_on_its_words_runs_what_it_is_given(tmp_path: Path) -> None:
    text = f'FROM golang:1.22\n{BUILD}ENTRYPOINT ["./start.sh"]\nCMD ["./app", "-v"]\n'
    final = final_of(go(tmp_path, text, start_sh='#!/bin/sh\nset -e\nexec "$@"\n'))
    assert "COPY --from=build /app/app /app/start.sh /app/\n" in final
    assert "calls" in reason_of(go(tmp_path, text, start_sh="#!/bin/sh\n$BUILDER . && ./app\n"))


def test_s12_a_program_with_c_stands_on_the_same_libc(tmp_path: Path) -> None:
    with_c = 'package main\n\n// #include <stdio.h>\nimport "C"\n\nfunc main() { C.puts(C.CString("hi")) }\n'
    outcome = go(tmp_path, f'FROM golang:1.22\n{BUILD}CMD ["./app"]\n', main_go=with_c)
    assert final_of(outcome).startswith("FROM debian:bookworm-slim\n")
    assert "CGO_ENABLED" not in outcome.after


def test_s13_a_jre_stands_for_the_jdk_unless_it_compiles(tmp_path: Path) -> None:
    text = 'FROM eclipse-temurin:17\nWORKDIR /app\nCOPY . .\nRUN javac -d out A.java\nCMD ["java", "-cp", "out", "A"]\n'
    plain = "class A { public static void main(String[] a) {} }\n"
    compiles = "import javax.tools.ToolProvider;\nclass A { Object c = ToolProvider.getSystemJavaCompiler(); }\n"
    final = final_of(run(text, NAME, context=context(tmp_path / "plain", A_java=plain)))
    assert final.startswith("FROM eclipse-temurin:17-jre\n")
    assert "COPY --from=build /app/out /app/out\n" in final
    assert "compiles when it runs" in reason_of(run(text, NAME, context=context(tmp_path / "not", A_java=compiles)))


def test_s13_keys_in_the_jdk_keep_the_stage(tmp_path: Path) -> None:
    text = (
        "FROM eclipse-temurin:17\nWORKDIR /app\nCOPY . .\n"
        "RUN keytool -importcert -noprompt -cacerts -file ca.crt\nRUN javac A.java\nCMD java A\n"
    )
    folder = context(tmp_path, A_java="class A {}\n", ca_crt="x")
    assert "keytool" in reason_of(run(text, NAME, context=folder))


def test_s14_what_is_built_is_neither_stripped_nor_moved(tmp_path: Path) -> None:
    outcome = go(tmp_path, f'FROM golang:1.22\n{BUILD}CMD ["/app/app"]\n')
    assert "strip" not in outcome.after
    assert "COPY --from=build /app/app /app/\n" in final_of(outcome)


def test_s15_tests_stay_on_the_way_to_the_image(tmp_path: Path) -> None:
    text = f'FROM golang:1.22\n{BUILD}RUN go vet ./... && go test ./...\nCMD ["./app"]\n'
    outcome = go(tmp_path, text)
    head = outcome.after[: outcome.after.rindex("FROM ")]
    assert "RUN go vet ./... && go test ./...\n" in head
    assert head.startswith("FROM golang:1.22 AS build\n")
    assert "COPY --from=build " in final_of(outcome)


@pytest.mark.parametrize("line", ["ONBUILD COPY . /app", 'SHELL ["powershell"]'])
def test_what_others_build_on_is_left_alone(tmp_path: Path, line: str) -> None:
    assert reason_of(go(tmp_path, f'FROM golang:1.22\n{BUILD}{line}\nCMD ["./app"]\n'))


def test_without_a_context_only_what_the_file_proves_is_on_review() -> None:
    proven = 'FROM gcc:12\nCOPY hello.c /src/\nRUN gcc -o /hello /src/hello.c\nCMD ["/hello"]\n'
    guessed = 'FROM golang:1.22\nWORKDIR /app\nCOPY . .\nRUN go build -o app .\nCMD ["./app"]\n'
    (applied,) = run(proven, NAME).applied
    assert applied.safety is Safety.REVIEW
    (applied,) = run(guessed, NAME).applied
    assert applied.safety is Safety.RISKY
    assert "COPY --from=build /app /app\n" in fixed(guessed, NAME)
