// The kernel's side of the measurements: a client of the services echo, discard and chargen, which prints one number.
//
//   client send        ADDRESS PORT SECONDS         octets a second written until the peer has closed in answer to our FIN
//   client recv        ADDRESS PORT SECONDS         octets a second read
//   client ping-pong   ADDRESS PORT SECONDS [SIZE]  median microseconds of a round trip (64 octets), after it the 99th percentile
//   client connections ADDRESS PORT SECONDS PARALLEL  connections a second: connect, one octet there and back, reset
//   client udp         ADDRESS PORT SECONDS WINDOW [SIZE]  datagrams a second there and back, so many under way at once
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BUFFER = 256 * 1024, WRITE = 128 * 1024, SAMPLES = 4000000, DESCRIPTORS = 65536 };

static char buffer[BUFFER];
static double samples[SAMPLES];
static size_t sampled;
static struct sockaddr_storage peer;
static socklen_t peer_length;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void fail(const char *what) {
  fprintf(stderr, "%s: %s\n", what, errno ? strerror(errno) : "the peer has closed");
  exit(1);
}

static int connected(void) {
  int one = 1;
  int fd = socket(peer.ss_family, SOCK_STREAM, 0);
  if (fd < 0) fail("socket");
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (connect(fd, (struct sockaddr *)&peer, peer_length) < 0) fail("connect");
  return fd;
}

static void reset(int fd) {
  struct linger none = {1, 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
  close(fd);
}

static void write_all(int fd, const char *bytes, size_t length) {
  for (size_t done = 0; done < length;) {
    ssize_t count = write(fd, bytes + done, length - done);
    if (count < 0) fail("write");
    done += (size_t)count;
  }
}

static void read_all(int fd, char *bytes, size_t length) {
  for (size_t done = 0; done < length;) {
    ssize_t count = read(fd, bytes + done, length - done);
    if (count == 0) errno = 0;
    if (count <= 0) fail("read");
    done += (size_t)count;
  }
}

static void sample(double value) {
  if (sampled < SAMPLES) samples[sampled++] = value;
}

static int ascending(const void *left, const void *right) {
  double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

static void bulk_send(double seconds) {
  int fd = connected();
  double start = now();
  unsigned long long octets = 0;
  while (now() - start < seconds) {
    write_all(fd, buffer, WRITE);
    octets += WRITE;
  }
  shutdown(fd, SHUT_WR);
  while (read(fd, buffer, BUFFER) > 0) continue;
  printf("%.0f\n", (double)octets / (now() - start));
  close(fd);
}

static void bulk_receive(double seconds) {
  int fd = connected();
  double start = now();
  unsigned long long octets = 0;
  while (now() - start < seconds) {
    ssize_t count = read(fd, buffer, BUFFER);
    if (count == 0) errno = 0;
    if (count <= 0) fail("read");
    octets += (unsigned long long)count;
  }
  printf("%.0f\n", (double)octets / (now() - start));
  reset(fd);
}

static void ping_pong(double seconds, size_t size) {
  int fd = connected();
  double start = now();
  for (double before = start; before - start < seconds;) {
    write_all(fd, buffer, size);
    read_all(fd, buffer, size);
    double after = now();
    sample(after - before);
    before = after;
  }
  qsort(samples, sampled, sizeof *samples, ascending);
  printf("%.2f %.2f\n", samples[sampled / 2] * 1e6, samples[sampled * 99 / 100] * 1e6);
  reset(fd);
}

static void open_one(int epoll) {
  int fd = socket(peer.ss_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (fd < 0) fail("socket");
  if (connect(fd, (struct sockaddr *)&peer, peer_length) < 0 && errno != EINPROGRESS) fail("connect");
  struct epoll_event event = {.events = EPOLLOUT, .data.fd = fd};
  epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

static void many_connections(double seconds, int parallel) {
  int epoll = epoll_create1(0);
  for (int i = 0; i < parallel; i++) open_one(epoll);
  double start = now();
  long done = 0;
  while (now() - start < seconds) {
    struct epoll_event events[64];
    int count = epoll_wait(epoll, events, 64, 2000);
    if (count == 0) {
      errno = ETIMEDOUT;
      fail("connections");
    }
    for (int i = 0; i < count; i++) {
      int fd = events[i].data.fd;
      if (events[i].events & EPOLLOUT) {
        if (write(fd, "x", 1) != 1) fail("connect");
        struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
        epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &event);
        continue;
      }
      if (read(fd, buffer, 1) != 1) fail("read");
      reset(fd);
      done++;
      open_one(epoll);
    }
  }
  printf("%.0f\n", (double)done / (now() - start));
}

static void datagrams(double seconds, int window, size_t size) {
  int room = 4 << 20;
  int fd = socket(peer.ss_family, SOCK_DGRAM, 0);
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
  if (connect(fd, (struct sockaddr *)&peer, peer_length) < 0) fail("connect");
  // What is lost is sent again, all of it.
  struct timeval patience = {0, 20000};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  double start = now();
  long done = 0;
  for (int i = 0; i < window; i++) send(fd, buffer, size, 0);
  while (now() - start < seconds) {
    if (recv(fd, buffer, BUFFER, 0) < 0) {
      for (int i = 0; i < window; i++) send(fd, buffer, size, 0);
      continue;
    }
    done++;
    send(fd, buffer, size, 0);
  }
  printf("%.0f\n", (double)done / (now() - start));
}

static void set_peer(const char *address, in_port_t port) {
  struct sockaddr_in *v4 = (struct sockaddr_in *)&peer;
  struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&peer;
  if (inet_pton(AF_INET, address, &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = port;
    peer_length = sizeof *v4;
  } else if (inet_pton(AF_INET6, address, &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = port;
    peer_length = sizeof *v6;
  } else {
    fprintf(stderr, "no address: %s\n", address);
    exit(2);
  }
}

int main(int count, char **arguments) {
  if (count < 5) {
    fprintf(stderr, "client MODE ADDRESS PORT SECONDS [...]\n");
    return 2;
  }
  const char *mode = arguments[1];
  double seconds = atof(arguments[4]);
  int first = count > 5 ? atoi(arguments[5]) : 0;
  int second = count > 6 ? atoi(arguments[6]) : 0;
  set_peer(arguments[2], htons((unsigned short)atoi(arguments[3])));
  if (strcmp(mode, "send") == 0) bulk_send(seconds);
  else if (strcmp(mode, "recv") == 0) bulk_receive(seconds);
  else if (strcmp(mode, "ping-pong") == 0) ping_pong(seconds, first ? (size_t)first : 64);
  else if (strcmp(mode, "connections") == 0) many_connections(seconds, first ? first : 1);
  else if (strcmp(mode, "udp") == 0) datagrams(seconds, first ? first : 16, second ? (size_t)second : 64);
  else {
    fprintf(stderr, "there is no mode %s\n", mode);
    return 2;
  }
  return 0;
}
