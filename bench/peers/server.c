// The kernel's sockets as a peer: echo (7) over TCP and UDP, by one thread with epoll. Prints "ready" when it hears.
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BUFFER = 256 * 1024, PORT = 7 };

static char buffer[BUFFER];

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static int bound(int type) {
  int one = 1, room = 4 << 20;
  struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(PORT)};
  int fd = socket(AF_INET, type | SOCK_NONBLOCK, 0);
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
  if (bind(fd, (struct sockaddr *)&any, sizeof any) < 0) fail("bind");
  return fd;
}

static void watch(int epoll, int fd) {
  struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0) fail("epoll_ctl");
}

static void accept_all(int epoll, int listener) {
  int one = 1;
  for (int fd; (fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0;) {
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    watch(epoll, fd);
  }
}

static void echo(int fd) {
  ssize_t count = read(fd, buffer, BUFFER);
  if (count < 0 && errno == EAGAIN) return;
  // One question is under way at a time: the answer always has room.
  if (count <= 0 || write(fd, buffer, (size_t)count) != count) close(fd);
}

static void echo_datagrams(int fd) {
  struct sockaddr_in from;
  for (;;) {
    socklen_t length = sizeof from;
    ssize_t count = recvfrom(fd, buffer, BUFFER, 0, (struct sockaddr *)&from, &length);
    if (count < 0) return;
    sendto(fd, buffer, (size_t)count, 0, (struct sockaddr *)&from, length);
  }
}

int main(void) {
  int listener = bound(SOCK_STREAM), datagrams = bound(SOCK_DGRAM), epoll = epoll_create1(0);
  if (listen(listener, 1024) < 0) fail("listen");
  watch(epoll, listener);
  watch(epoll, datagrams);
  puts("ready");
  fflush(stdout);
  for (;;) {
    struct epoll_event events[64];
    int count = epoll_wait(epoll, events, 64, -1);
    for (int i = 0; i < count; i++) {
      int fd = events[i].data.fd;
      if (fd == listener) accept_all(epoll, listener);
      else if (fd == datagrams) echo_datagrams(fd);
      else echo(fd);
    }
  }
}
