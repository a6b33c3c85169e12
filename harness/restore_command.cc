// SPDX-License-Identifier: MIT
// depthfinder restore: one image from a server to a target.
#include <algorithm>

#include <fmt/format.h>
#include <unistd.h>

#include "harness/commands.h"
#include "harness/environment.h"
#include "harness/key_setting.h"
#include "harness/latency_recording.h"
#include "harness/restore_summary.h"
#include "restore_core/base/units.h"
#include "restore_core/client/api_client.h"
#include "restore_core/client/reader_client.h"
#include "restore_core/engine/progress.h"
#include "restore_core/engine/restore_engine.h"
#include "restore_core/hash/sha256.h"
#include "restore_core/sink/digest_sink.h"
#include "restore_core/sink/sink.h"

namespace depthfinder {
namespace {

struct RestoreFlags {
  std::string snapshot, archive, target;
  std::string repository, fingerprint, ns, keyfile;
  std::string strategy = "spawned";
  std::string depth, threads, zeros;
  std::string connections = "1";
  std::string timeout = "30s";
  std::optional<std::string> record_latency;
  bool json = false, digest = false, overwrite = false, quiet = false;
};

constexpr std::uint64_t kConnectionsMax = 64;

constexpr const char* kExamples =
    "\nExamples:\n"
    "  export PBS_PASSWORD_FILE=~/pbs-password PBS_FINGERPRINT=64:d3:...:1b\n"
    "  depthfinder restore vm/100 drive-scsi0.img disk.raw \\\n"
    "      --repository root@pam@pbs.example:8007:tank\n"
    "  depthfinder restore vm/100/2025-07-07T08:00:00Z drive-scsi0.img.fidx null \\\n"
    "      --repository 'root@pam!token@pbs:tank' --depth 32 --threads 8 --json\n"
    "  depthfinder restore vm/100 drive-scsi0.img null --depth 1 \\\n"
    "      --record-latency trace.json --repository root@pam@pbs.example:8007:tank\n"
    "--record-latency writes when each chunk request was sent and answered, for the\n"
    "mock server to replay. Depth 1 records the server's own latency; depth N records\n"
    "what N requests in flight made of it.\n"
    "TARGET: a file (made new, sparse), a block device, or null (verified, written\n"
    "nowhere). Environment: PBS_REPOSITORY, PBS_PASSWORD, PBS_FINGERPRINT,\n"
    "PBS_ENCRYPTION_PASSWORD (passwords also as _FILE, _FD, _CMD),\n"
    "PBS_RESTORE_FETCH_CONCURRENCY (--depth), PBS_RESTORE_MAX_THREADS (--threads).\n"
    "Exit status: 0 restored, 2 usage, 4 integrity, 6 connection or I/O,\n"
    "130 interrupted.";

// All that is settled before the network is touched, so that a wrong setting costs nothing.
struct RestoreRequest {
  ServerAccess access;
  Namespace ns;
  std::string archive;
  std::optional<CryptConfig> key;
  EngineSettings settings;
  ReaderOptions reader;
};

Result<std::optional<ZeroOrder>> zero_order_setting(const std::string& text) {
  if (text.empty()) return std::optional<ZeroOrder>();
  if (text == "in-order") return std::optional(ZeroOrder::in_order);
  if (text == "first") return std::optional(ZeroOrder::first);
  return fail(ErrorKind::bad_input, "--zeros must be in-order or first, not '{}'", text);
}

Result<EngineSettings> settings_of(const RestoreFlags& flags) {
  if (flags.depth == "auto" || flags.threads == "auto")
    return fail(ErrorKind::bad_input,
                "'auto' is not available yet: run a sweep and give --depth and --threads numbers");
  DF_ASSIGN(std::optional<int> depth,
            count_setting("--depth", flags.depth, "PBS_RESTORE_FETCH_CONCURRENCY", kDepthMax));
  DF_ASSIGN(const std::optional<int> threads,
            count_setting("--threads", flags.threads, "PBS_RESTORE_MAX_THREADS", kThreadsMax));
  // The variable is for the strategies that have a choice; only a flag may contradict this one.
  if (flags.strategy == "sequential" && flags.depth.empty()) depth.reset();
  DF_ASSIGN(const std::optional<ZeroOrder> zeros, zero_order_setting(flags.zeros));
  return engine_settings(flags.strategy, depth, threads, zeros);
}

Result<RestoreRequest> request_of(const RestoreFlags& flags) {
  RestoreRequest request;
  DF_ASSIGN(request.settings, settings_of(flags));
  DF_ASSIGN(const std::uint64_t connections,
            parse_count("--connections", flags.connections, 1, kConnectionsMax));
  request.reader.connections = static_cast<int>(connections);
  DF_ASSIGN(const Nanoseconds timeout, parse_duration(flags.timeout));
  request.reader.stall_timeout = std::chrono::duration_cast<std::chrono::milliseconds>(timeout);
  if (request.reader.stall_timeout.count() == 0)
    return fail(ErrorKind::bad_input, "--timeout must be at least 1ms");
  DF_ASSIGN(request.ns, parse_namespace(flags.ns));
  DF_ASSIGN(request.archive, complete_archive_name(flags.archive));
  DF_ASSIGN(request.access.repository, repository_setting(flags.repository));
  DF_ASSIGN(request.access.fingerprint, fingerprint_setting(flags.fingerprint));
  DF_ASSIGN(request.key, key_setting(flags.keyfile));
  if (flags.record_latency) DF_TRY(check_recording_file(*flags.record_latency, flags.target));
  request.reader.record_latency = flags.record_latency.has_value();
  DF_ASSIGN(request.access.password, secret_or_prompt("PBS_PASSWORD", request.access.repository.uses_token()
                                                                          ? "secret of the API token"
                                                                          : "password for the server"));
  return request;
}

// "vm/100" is a group: its newest snapshot.
Result<SnapshotName> snapshot_of(const std::string& text, const RestoreRequest& request,
                                 const std::stop_token& stop) {
  const std::size_t slash = text.find('/');
  if (std::count(text.begin(), text.end(), '/') != 1) return parse_snapshot_name(text);
  DF_ASSIGN(const SnapshotName any, parse_snapshot_name(text + "/1970-01-01T00:00:01Z"));
  return newest_snapshot(request.access, request.ns, any.type, text.substr(slash + 1), stop);
}

// The sink, with the image's digest taken on the way where it is asked for.
struct Target {
  std::unique_ptr<Sink> sink;
  DigestSink* digest = nullptr;  // part of `sink`
};

Result<Target> open_target(const RestoreFlags& flags, const FixedIndex& index, int depth) {
  Target target;
  DF_ASSIGN(target.sink, open_sink(flags.target, index.image_bytes, {flags.overwrite}));
  if (!flags.digest) return target;
  const std::uint64_t window_bytes = 2 * static_cast<std::uint64_t>(depth) * index.chunk_size;
  auto digest = std::make_unique<DigestSink>(std::move(target.sink), index.image_bytes, window_bytes);
  target.digest = digest.get();
  target.sink = std::move(digest);
  return target;
}

ProgressStyle progress_style() {
  return ::isatty(STDERR_FILENO) != 0 ? ProgressStyle::bar : ProgressStyle::lines;
}

void print_progress(std::string_view text) {
  fmt::print(stderr, "{}", text);
  std::fflush(stderr);
}

Result<void> record(const std::string& file, ReaderClient& client, bool quiet) {
  const std::vector<LatencySample> samples = client.take_latency_samples();
  DF_TRY(write_recording(file, samples));
  if (!quiet) fmt::print(stderr, "recorded {} chunk requests in {}\n", samples.size(), file);
  return {};
}

Result<RestoreSummary> run(const RestoreFlags& flags, const std::stop_token& stop) {
  DF_ASSIGN(const RestoreRequest request, request_of(flags));
  const CryptConfig* key = request.key ? &*request.key : nullptr;
  DF_ASSIGN(const SnapshotName snapshot, snapshot_of(flags.snapshot, request, stop));
  DF_ASSIGN(const std::unique_ptr<ReaderClient> client,
            ReaderClient::connect(request.access, snapshot, request.ns, request.reader, stop));
  DF_ASSIGN(const Manifest manifest, client->manifest(key));
  DF_ASSIGN(const ImageToRestore image, client->open_image(manifest, request.archive));
  DF_ASSIGN(const Target target, open_target(flags, image.index, request.settings.depth));
  if (!flags.quiet) {
    if (request.settings.threads > 0)
      fmt::print(stderr, "using up to {} threads\n", request.settings.threads);
    fmt::print(stderr, "fetching up to {} chunks in parallel\n", request.settings.depth);
  }
  const SteadyClock clock;
  ProgressPrinter printer(progress_style(), print_progress, clock);
  const auto show = [&](const ProgressSample& sample) {
    if (!flags.quiet) printer.update(sample);
  };
  Result<RestoreStats> stats = restore_image({image.index, image.crypt_mode, key}, request.settings,
                                             client->chunks(), *target.sink, show, stop);
  if (!stats) {
    printer.interrupt();
    return pass_on(stats.error());
  }
  if (!flags.quiet) printer.complete(stats->logical_bytes, stats->duration);

  RestoreSummary summary;
  summary.stats = std::move(*stats);
  summary.settings = request.settings;
  summary.connections = request.reader.connections;
  summary.usage = process_usage();
  summary.sha256_kernel = sha256_kernel();
  summary.openssl_cpu_settings = openssl_cpu_settings();
  if (target.digest != nullptr) summary.image_sha256 = target.digest->digest();
  if (flags.record_latency) DF_TRY(record(*flags.record_latency, *client, flags.quiet));
  return summary;
}

Result<ExitStatus> restore(const RestoreFlags& flags, const std::stop_token& stop) {
  DF_ASSIGN(const RestoreSummary summary, run(flags, stop));
  if (flags.json) {
    fmt::print("{}\n", restore_summary_json(summary));
  } else if (summary.image_sha256) {
    fmt::print("image SHA-256 {}\n", to_hex(*summary.image_sha256));
  }
  return ExitStatus::done;
}

}  // namespace

void add_restore_command(CLI::App& app, Command& chosen) {
  auto flags = std::make_shared<RestoreFlags>();
  CLI::App* command = app.add_subcommand("restore", "Restore one image from a server");
  command->footer(kExamples);
  command->add_option("SNAPSHOT", flags->snapshot, "vm/100/2025-07-07T08:00:00Z, or vm/100 for its newest")
      ->required();
  command->add_option("ARCHIVE", flags->archive, "drive-scsi0.img.fidx, or drive-scsi0.img")->required();
  command->add_option("TARGET", flags->target, "A file, a block device, or null")->required();
  command->add_option("--repository", flags->repository, "USER@REALM[!TOKEN]@HOST:PORT:DATASTORE");
  command->add_option("--fingerprint", flags->fingerprint, "SHA-256 of the server's certificate: pins it");
  command->add_option("--ns", flags->ns, "Namespace, such as team/prod");
  command->add_option("--keyfile", flags->keyfile, "Encryption key");
  command->add_option("--strategy", flags->strategy, "One of " + std::string(strategy_names()))
      ->capture_default_str();
  command->add_option("--depth", flags->depth, "Chunks in flight, 1 to 1024 (default 16)");
  command->add_option("--threads", flags->threads, "Decode threads, 1 to 256 (default 4)");
  command->add_option("--connections", flags->connections, "Connections, 1 to 64")->capture_default_str();
  command->add_option("--zeros", flags->zeros, "Zero chunks: in-order or first");
  command->add_option("--timeout", flags->timeout, "Give a silent server up after this long")
      ->capture_default_str();
  command->add_option("--record-latency", flags->record_latency,
                      "Write the times of every chunk request to this file");
  command->add_flag("--overwrite", flags->overwrite, "Permit a target file that is not empty");
  command->add_flag("--digest", flags->digest, "Take the SHA-256 of the whole image too");
  command->add_flag("--json", flags->json, "Print what was done as one JSON object");
  command->add_flag("--quiet", flags->quiet, "No progress");
  command->callback(
      [flags, &chosen] { chosen = [flags](const std::stop_token& stop) { return restore(*flags, stop); }; });
}

}  // namespace depthfinder
