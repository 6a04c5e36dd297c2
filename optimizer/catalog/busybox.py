"""The commands of a bare Alpine image.

They come from BusyBox (Alpine's configuration of 1.36 and 1.37), apk-tools, musl-utils, scanelf and ssl_client.
BusyBox's have fewer options than their GNU namesakes.
"""

from __future__ import annotations

ALPINE_COMMANDS = frozenset(
    "[ [[ acpid add-shell addgroup adduser adjtimex apk arch arp arping ascii ash awk base64 basename bc beep "
    "blkdiscard blkid blockdev brctl bunzip2 bzcat bzip2 cal cat chattr chgrp chmod chown chpasswd chroot chvt "
    "cksum clear cmp comm cp cpio crond crontab cryptpw cut date dc dd deallocvt delgroup deluser depmod df diff "
    "dirname dmesg dnsdomainname dos2unix du dumpkmap echo egrep eject env ether-wake expand expr factor "
    "fallocate false fatattr fbset fbsplash fdflush fdisk fgrep find findfs flock fold free fsck fstrim fsync "
    "fuser getconf getent getopt getty grep groups gunzip gzip halt hd head hexdump hostid hostname hwclock iconv "
    "id ifconfig ifdown ifenslave ifup init inotifyd insmod install ionice iostat ip ipaddr ipcalc ipcrm ipcs "
    "iplink ipneigh iproute iprule iptunnel kbd_mode kill killall killall5 klogd last ldconfig ldd less link "
    "linux32 linux64 ln loadfont loadkmap logger login logread losetup ls lsattr lsmod lsof lsusb lzcat lzma lzop "
    "lzopcat makemime md5sum mdev mesg microcom mkdir mkdosfs mkfifo mkfs.vfat mknod mkpasswd mkswap mktemp "
    "modinfo modprobe more mount mountpoint mpstat mv nameif nanddump nandwrite nbd-client nc netstat nice nl "
    "nmeter nohup nologin nproc nsenter nslookup ntpd od openvt partprobe passwd paste pgrep pidof ping ping6 "
    "pipe_progress pivot_root pkill pmap poweroff printenv printf ps pscan pstree pwd pwdx raidautorun rdate rdev "
    "readahead readlink realpath reboot reformime remove-shell renice reset resize rev rfkill rm rmdir rmmod "
    "route run-parts scanelf sed sendmail seq setconsole setfont setkeycodes setlogcons setpriv setserial setsid "
    "sh sha1sum sha256sum sha3sum sha512sum showkey shred shuf slattach sleep sort split ssl_client stat strings "
    "stty su sum swapoff swapon switch_root sync sysctl syslogd tac tail tar tee test time timeout top touch tr "
    "traceroute traceroute6 tree true truncate tty ttysize tunctl udhcpc udhcpc6 umount uname unexpand uniq "
    "unix2dos unlink unlzma unlzop unshare unxz unzip uptime usleep uudecode uuencode vconfig vi vlock volname "
    "watch watchdog wc wget which who whoami whois xargs xxd xzcat yes zcat zcip".split()
)
