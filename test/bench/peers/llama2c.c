// llama2.c's forward pass under the bench: its own `run.c`, compiled with ours around it instead of its `main`. Greedy, from
// token 1 (<s>). A line of the input is {"tokens":256,"repeats":20}: so many tokens, so often; the answer has the ids and the
// seconds. Written for the run.c that scripts/peers.mjs fetches. Usage: llama2c MODEL.bin NAME
#define main main_of_run
#include "run.c"
#undef main
#include <sys/stat.h>

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

int main(int argc, char** argv) {
  if (argc != 3) return 1;
  int file = open(argv[1], O_RDONLY);
  struct stat info;
  if (file < 0 || fstat(file, &info) != 0) return 1;
  void* data = mmap(NULL, info.st_size, PROT_READ, MAP_PRIVATE, file, 0);
  if (data == MAP_FAILED) return 1;
  Config config = *(Config*)data;
  int shared = config.vocab_size > 0;
  config.vocab_size = abs(config.vocab_size);
  TransformerWeights weights;
  checkpoint_init_weights(&weights, &config, (float*)data + sizeof(Config) / sizeof(float), shared);
  RunState state;
  malloc_run_state(&state, &config);
  int* ids = malloc(config.seq_len * sizeof(int));

  printf("{\"ready\":\"llama2.c, %s\"}\n", argv[2]);
  fflush(stdout);
  char line[256];
  while (fgets(line, sizeof line, stdin)) {
    int tokens, repeats;
    if (sscanf(line, "{\"tokens\":%d,\"repeats\":%d}", &tokens, &repeats) != 2 || tokens > config.seq_len) return 1;
    double start = now();
    for (int repeat = 0; repeat < repeats; repeat++) {
      int token = 1;
      for (int position = 0; position < tokens; position++) {
        transformer(token, position, &config, &state, &weights);
        token = argmax(state.logits, config.vocab_size);
        ids[position] = token;
      }
    }
    printf("{\"seconds\":%.9f,\"ids\":[", now() - start);
    for (int position = 0; position < tokens; position++) printf(position ? ",%d" : "%d", ids[position]);
    printf("]}\n");
    fflush(stdout);
  }
  return 0;
}
