"""What Alpine's base has instead of GNU's tools: BusyBox's commands and the options that they take.

Source: BusyBox 1.37 as Alpine builds it (aports, main/busybox/busyboxconfig), and busybox.net, "Command Help".
"""

from __future__ import annotations

APPLETS = frozenset(
    "[ [[ acpid add-shell addgroup adduser adjtimex arch arp arping ash awk base64 basename bc beep blkid blockdev brctl "
    "bunzip2 bzcat bzip2 cal cat chattr chgrp chmod chown chpasswd chroot cksum clear cmp comm cp cpio crond crontab "
    "cryptpw cut date dc dd delgroup deluser depmod df diff dirname dmesg dnsdomainname dos2unix du echo egrep eject env "
    "expand expr factor fallocate false fdflush fdisk fgrep find findfs flock fold free fsync fuser getopt grep groups "
    "gunzip gzip halt hd head hexdump hostid hostname id ifconfig ifdown ifup init inotifyd insmod install ionice "
    "iostat ip ipaddr ipcalc ipcrm ipcs kill killall killall5 klogd last less link linux32 linux64 ln logger login ls "
    "lsattr lsmod lsof lsusb lzcat lzma lzop lzopcat md5sum mdev mesg mkdir mkfifo mknod mkpasswd mkswap mktemp "
    "modinfo modprobe more mount mountpoint mpstat mv nc netstat nice nl nohup nologin nproc nsenter nslookup od "
    "partprobe passwd paste pgrep pidof ping ping6 pivot_root pkill pmap poweroff printenv printf ps pscan pstree pwd pwdx "
    "rdate readahead readlink realpath reboot remove-shell renice reset resize rev rfkill rm rmdir rmmod route run-parts "
    "sed sendmail seq setpriv setsid sh sha1sum sha256sum sha3sum sha512sum shred shuf sleep sort split stat strings "
    "stty su sum swapoff swapon switch_root sync sysctl syslogd tac tail tar tee test time timeout top touch tr "
    "traceroute traceroute6 tree true truncate tty udhcpc umount uname unexpand uniq unix2dos unlink unlzma unshare "
    "unxz unzip uptime usleep uudecode uuencode vconfig vi vlock volname watch wc wget which who whoami whois xargs "
    "xxd xzcat yes zcat".split()
)
# From Alpine's other base packages: musl-utils, apk-tools, scanelf, ssl_client.
BASE_TOOLS = frozenset("apk getconf getent iconv ldconfig ldd scanelf ssl_client".split())

_LONG = {
    "tar": frozenset(
        "--create --extract --list --file --directory --gzip --bzip2 --xz --exclude --exclude-from --files-from "
        "--strip-components --to-stdout --verbose --no-same-owner --no-same-permissions --same-permissions "
        "--numeric-owner --overwrite --keep-old --no-recursion --dereference".split()
    ),
    "wget": frozenset(
        "--quiet --continue --spider --output-document --directory-prefix --header --post-data --post-file "
        "--no-check-certificate --user-agent --timeout --proxy --server-response".split()
    ),
    "mkdir": frozenset({"--parents", "--mode"}),
    "install": frozenset({"--directory", "--owner", "--group", "--mode"}),
    "env": frozenset({"--ignore-environment", "--unset"}),
    "rm": frozenset(),
    "nice": frozenset({"--adjustment"}),
    "run-parts": frozenset({"--arg", "--umask", "--test"}),
    "getopt": frozenset({"--options", "--longoptions", "--longoptions", "--name", "--alternative", "--unquoted"}),
}
# Letters, or words that begin like this, that BusyBox does not take or takes for something else.
_SHORT = {
    "sed": frozenset(),
    "grep": frozenset("PT"),
    "egrep": frozenset("PT"),
    "date": frozenset("df"),
    "ps": frozenset("AaCefFjlpuUxw"),
    "wget": frozenset("abdeFgHiIJjKkLlMmNnRrtVvwxXZ"),
    "xargs": frozenset("dLi"),
    "cp": frozenset("xb"),
    "sort": frozenset("R"),
    "ls": frozenset("b"),
    "free": frozenset("ls"),
    "nc": frozenset("NUqx"),
    "top": frozenset("cip"),
    "su": frozenset("g"),
    "tar": frozenset("SGnP"),
    "stat": frozenset("p"),
}
_WORDS = {"find": ("-printf", "-fprint", "-regextype", "-newer", "-daystart", "-ls", "-uid", "-readable", "-writable")}


def unsupported(command: str, words: tuple[str, ...]) -> str:
    """Return the first option of a call that BusyBox's command does not take, "" where it takes all.

    `words` are those of the call, the command's own first, "" where only the run can tell.
    """
    long = _LONG.get(command, frozenset())
    for word in words[1:]:
        if word == "--":
            break
        if word.startswith("--"):
            if word.partition("=")[0] not in long and word not in ("--help", "--version"):
                return word
        elif command in _WORDS:
            if word.startswith(_WORDS[command]) and word != "-newer":
                return word
        elif word.startswith("-") and _SHORT.get(command, frozenset()).intersection(_letters(word)):
            return word
    return ""


def _letters(word: str) -> str:
    """Return the letters of a cluster of options; a value that follows is cut off at what is no letter."""
    letters = word[1:]
    for at, char in enumerate(letters):
        if not char.isalpha():
            return letters[:at]
    return letters
