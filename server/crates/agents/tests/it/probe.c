/* Tries what nothing in a sandbox may do. Prints "name result errno" for each; result -1 is a refusal.
   What would do harm where it works is tried only where the sandbox's own mark stands. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <stdlib.h>
#include <unistd.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

static void report(const char *name, long result) {
  printf("%s %ld %d\n", name, result, errno);
  fflush(stdout);
  errno = 0;
}

static long cloned(unsigned long flags) {
  long pid = syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);
  if (pid == 0) _exit(0);
  if (pid > 0) waitpid(pid, 0, 0);
  return pid;
}

static long unix_socket(const char *name) {
  struct sockaddr_un to = {.sun_family = AF_UNIX};
  socklen_t length = sizeof to;
  strncpy(to.sun_path, name, sizeof to.sun_path - 1);
  if (name[0] == '@') {
    to.sun_path[0] = 0;
    length = offsetof(struct sockaddr_un, sun_path) + strlen(name);
  }
  int one = socket(AF_UNIX, SOCK_STREAM, 0);
  return one < 0 ? one : connect(one, (struct sockaddr *)&to, length);
}

static long tcp(int port) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
  inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
  int one = socket(AF_INET, SOCK_STREAM, 0);
  return one < 0 ? one : connect(one, (struct sockaddr *)&to, sizeof to);
}

int main(int count, char **arguments) {
  char buffer[4096] = {0};
  if (count == 4) {
    report("unix", unix_socket(arguments[1]));
    report("abstract", unix_socket(arguments[2]));
    report("tcp", tcp(atoi(arguments[3])));
  }
  pid_t child = fork();
  if (child == 0) { pause(); _exit(0); }
  report("ptrace_attach", ptrace(PTRACE_SEIZE, child, 0, 0));
  struct { void *at; size_t length; } here = {buffer, 8};
  report("process_vm_readv", syscall(SYS_process_vm_readv, child, &here, 1, &here, 1, 0));
  kill(child, SIGKILL);
  waitpid(child, 0, 0);
  report("keyctl", syscall(SYS_keyctl, 0, -3, 1));
  report("inet", socket(AF_INET, SOCK_STREAM, 0));
  report("inet6", socket(AF_INET6, SOCK_DGRAM, 0));
  report("netlink", socket(AF_NETLINK, SOCK_RAW, 0));
  if (access("/run/switchboard/script", F_OK) != 0) return 0;
  report("kill_init", kill(1, SIGKILL));
  report("mount", mount("none", "/tmp", "tmpfs", 0, 0));
  report("umount", umount2("/work", MNT_DETACH));
  report("chroot", chroot("/tmp"));
  report("unshare_user", unshare(CLONE_NEWUSER));
  report("unshare_mount", unshare(CLONE_NEWNS));
  report("clone_user", cloned(CLONE_NEWUSER));
  report("clone_user_net", cloned(CLONE_NEWUSER | CLONE_NEWNET));
  report("clone_time", cloned(CLONE_NEWTIME));
  unsigned long clone3[8] = {CLONE_NEWUSER, 0, 0, 0, SIGCHLD, 0, 0, 0};
  long pid = syscall(SYS_clone3, clone3, sizeof clone3);
  if (pid == 0) _exit(0);
  report("clone3_user", pid);
  report("setns", setns(open("/proc/self/ns/net", O_RDONLY), 0));
  report("bpf", syscall(SYS_bpf, 0, buffer, 64));
  report("add_key", syscall(SYS_add_key, "user", "name", "x", 1, -2));
  report("perf", syscall(SYS_perf_event_open, buffer, 0, -1, -1, 0));
  report("io_uring", syscall(SYS_io_uring_setup, 4, buffer));
  report("userfaultfd", syscall(SYS_userfaultfd, 0));
  report("kexec", syscall(SYS_kexec_load, 0, 0, 0, 0));
  report("module", syscall(SYS_init_module, buffer, 8, ""));
  report("packet", socket(AF_PACKET, SOCK_RAW, 0));
  report("vsock", socket(AF_VSOCK, SOCK_STREAM, 0));
  report("alg", socket(AF_ALG, SOCK_SEQPACKET, 0));
  report("setuid", setuid(0));
  report("handle", syscall(SYS_open_by_handle_at, AT_FDCWD, buffer, 0));
  report("mknod", mknod("/work/disk", S_IFBLK | 0666, (8 << 8) | 0));
  report("tiocsti", ioctl(0, TIOCSTI, "x"));
#ifdef __x86_64__
  report("x32_unshare", syscall(SYS_unshare | 0x40000000, CLONE_NEWUSER));
#endif
  return 0;
}
