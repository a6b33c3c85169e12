// SPDX-License-Identifier: MIT
#include "harness/restore_settings.h"

#include <algorithm>
#include <filesystem>

#include "harness/environment.h"
#include "harness/key_setting.h"
#include "harness/latency_recording.h"
#include "harness/secret_setting.h"
#include "restore_core/base/units.h"
#include "restore_core/format/snapshot_name.h"
#include "restore_core/sink/sink.h"

namespace depthfinder {
namespace {

constexpr std::uint64_t kConnectionsMax = 64;
// A far server needs several round trips to connect, and a refused login is 3 s late by intention.
constexpr std::chrono::milliseconds kConnectTimeoutMin{1000};
constexpr std::chrono::milliseconds kAnswerTimeoutMin{5000};

template <typename Value>
struct Choice {
  const char* name;
  Value value;
};

// The value that a word stands for. Error: bad_input, naming the flag and both words.
template <typename Value>
Result<Value> choice(const char* flag, const std::string& text, const Choice<Value>& first,
                     const Choice<Value>& second) {
  if (text == first.name) return first.value;
  if (text == second.name) return second.value;
  return fail(ErrorKind::bad_input, "{} must be {} or {}, not '{}'", flag, first.name, second.name, text);
}

Result<std::optional<ZeroOrder>> zero_order_setting(const std::string& text) {
  if (text.empty()) return std::optional<ZeroOrder>();
  DF_ASSIGN(const ZeroOrder order, choice<ZeroOrder>("--zeros", text, {"in-order", ZeroOrder::in_order},
                                                     {"first", ZeroOrder::first}));
  return std::optional(order);
}

Result<std::optional<int>> optional_count(const char* flag, const std::string& text, int highest) {
  if (text.empty()) return std::optional<int>();
  DF_ASSIGN(const std::uint64_t count, parse_count(flag, text, 1, static_cast<std::uint64_t>(highest)));
  return std::optional(static_cast<int>(count));
}

// "auto" is nothing yet: the number is then the most that the controller may choose, settled when more is known.
Result<std::optional<int>> count_or_auto(const char* flag, const std::string& text, const char* variable,
                                         int highest) {
  if (text == "auto") return std::optional<int>();
  return count_setting(flag, text, variable, highest);
}

Result<EngineSettings> engine_of(const RestoreFlags& flags) {
  WantedSettings wanted;
  wanted.depth_auto = flags.depth == "auto";
  wanted.threads_auto = flags.threads == "auto";
  DF_ASSIGN(wanted.depth, count_or_auto("--depth", flags.depth, "PBS_RESTORE_FETCH_CONCURRENCY", kDepthMax));
  DF_ASSIGN(wanted.threads,
            count_or_auto("--threads", flags.threads, "PBS_RESTORE_MAX_THREADS", kThreadsMax));
  // The variable is for the strategies that have a choice; only a flag may contradict this one.
  if (flags.strategy == "sequential" && flags.depth.empty()) wanted.depth.reset();
  DF_ASSIGN(wanted.writers, optional_count("--writers", flags.writers, kWritersMax));
  DF_ASSIGN(wanted.zero_order, zero_order_setting(flags.zeros));
  DF_ASSIGN(wanted.buffers, choice<ChunkMemory>("--buffers", flags.buffers, {"pool", ChunkMemory::pool},
                                                {"fresh", ChunkMemory::fresh}));
  DF_ASSIGN(const std::uint64_t cached, parse_count("--chunk-cache", flags.chunk_cache, 0, kChunkCacheMax));
  wanted.chunk_cache = static_cast<int>(cached);
  return engine_settings(flags.strategy, wanted);
}

Result<ReaderOptions> reader_of(const RestoreFlags& flags) {
  ReaderOptions reader;
  DF_ASSIGN(const std::uint64_t connections,
            parse_count("--connections", flags.connections, 1, kConnectionsMax));
  reader.connections = static_cast<int>(connections);
  DF_ASSIGN(const Nanoseconds timeout, parse_duration(flags.timeout));
  reader.stall_timeout = std::chrono::duration_cast<std::chrono::milliseconds>(timeout);
  if (reader.stall_timeout.count() == 0) return fail(ErrorKind::bad_input, "--timeout must be at least 1ms");
  // A server that falls silent does so at any step.
  reader.connect_timeout =
      std::min(reader.connect_timeout, std::max(reader.stall_timeout, kConnectTimeoutMin));
  reader.answer_timeout = std::min(reader.answer_timeout, std::max(reader.stall_timeout, kAnswerTimeoutMin));
  DF_ASSIGN(const Nanoseconds retry_for, parse_duration(flags.retry_for));
  reader.retry_for = std::chrono::duration_cast<std::chrono::milliseconds>(retry_for);
  if (!flags.http2_window.empty()) {
    DF_ASSIGN(reader.http2_window_bytes, parse_byte_count(flags.http2_window));
  }
  if (!flags.http2_frame.empty()) {
    DF_ASSIGN(reader.http2_frame_bytes_max, parse_byte_count(flags.http2_frame));
  }
  reader.record_latency = flags.record_latency.has_value();
  return reader;
}

// "b.raw" and "./b.raw" are one file.
bool same_target(const std::string& a, const std::string& b) {
  if (!names_path(a) || !names_path(b)) return a == b && a != "null";
  std::error_code ignored;
  return std::filesystem::weakly_canonical(a, ignored) == std::filesystem::weakly_canonical(b, ignored);
}

// Of the first target that is a file: what is written there goes to the same disk.
std::filesystem::path directory_of_targets(const std::vector<ArchiveTarget>& archives) {
  const auto file = std::find_if(archives.begin(), archives.end(), [](const ArchiveTarget& pair) {
    return names_path(pair.target) && !pair.target.starts_with("/dev/");
  });
  if (file == archives.end()) return ".";
  const std::filesystem::path parent = std::filesystem::path(file->target).parent_path();
  return parent.empty() ? "." : parent;
}

Result<std::vector<ArchiveTarget>> archives_of(const RestoreFlags& flags) {
  if (flags.more.size() % 2 != 0)
    return fail(ErrorKind::bad_input, "'{}' has no target: images are given as pairs of ARCHIVE and TARGET",
                flags.more.back());
  std::vector<ArchiveTarget> archives{{flags.archive, flags.target}};
  for (std::size_t i = 0; i + 1 < flags.more.size(); i += 2)
    archives.push_back({flags.more[i], flags.more[i + 1]});
  for (ArchiveTarget& pair : archives) {
    DF_ASSIGN(pair.archive, complete_archive_name(pair.archive));
  }
  for (auto pair = archives.begin(); pair != archives.end(); ++pair) {
    const bool twice = std::any_of(archives.begin(), pair, [&](const ArchiveTarget& other) {
      return other.archive == pair->archive || same_target(other.target, pair->target);
    });
    if (twice)
      return fail(ErrorKind::bad_input, "'{}': an archive and a target may be named once only",
                  pair->archive);
  }
  return archives;
}

// Where old data is to be looked at, every target must be one that keeps some.
Result<OldData> old_data_of(const RestoreFlags& flags, const std::vector<ArchiveTarget>& archives) {
  if (!flags.resume && !flags.reuse_target) return OldData::drop;
  if (flags.resume && flags.reuse_target)
    return fail(
        ErrorKind::bad_input,
        "--resume and --reuse-target do the same: give one, --resume where the target may be missing");
  const char* flag = flags.resume ? "--resume" : "--reuse-target";
  for (const ArchiveTarget& pair : archives)
    if (auto keeps = check_keeps_data(pair.target); !keeps)
      return tl::make_unexpected(keeps.error().with_context(flag));
  if (flags.digest)
    return fail(ErrorKind::bad_input,
                "--digest takes the SHA-256 of what is written, and {} writes a part: use sha256sum on the "
                "target afterwards",
                flag);
  return flags.resume ? OldData::keep : OldData::require;
}

Result<void> add_bystander(const RestoreFlags& flags, RestoreSettings& settings) {
  DF_ASSIGN(settings.bystander_alone, parse_duration(flags.bystander_alone));
  if (!flags.bystander.empty()) {
    DF_ASSIGN(settings.bystander, parse_bystander(flags.bystander));
    settings.bystander->directory = directory_of_targets(settings.archives);
  }
  if (flags.bystander_budget.empty()) return {};
  DF_ASSIGN(settings.bystander_budget, parse_bystander_budget(flags.bystander_budget));
  if (!settings.bystander)
    return fail(ErrorKind::bad_input,
                "--bystander-budget needs --bystander: nothing is measured without one");
  if (!settings.engine.depth_auto && !settings.engine.threads_auto)
    return fail(ErrorKind::bad_input,
                "--bystander-budget limits what is automatic: give --depth auto or --threads auto");
  return {};
}

}  // namespace

bool names_path(const std::string& target) {
  return target != "null" && target.find(':') == std::string::npos;
}

Result<RestoreSettings> restore_settings(const RestoreFlags& flags, const std::stop_token& stop) {
  RestoreSettings settings;
  DF_ASSIGN(settings.engine, engine_of(flags));
  DF_ASSIGN(settings.memory_budget_bytes, parse_byte_count(flags.memory));
  DF_ASSIGN(settings.reader, reader_of(flags));
  DF_ASSIGN(settings.archives, archives_of(flags));
  DF_ASSIGN(settings.old_data, old_data_of(flags, settings.archives));
  DF_TRY(add_bystander(flags, settings));
  DF_ASSIGN(settings.floor, choice<FloorSource>("--floor", flags.floor, {"measured", FloorSource::measured},
                                                {"stored", FloorSource::stored}));
  DF_ASSIGN(settings.ns, parse_namespace(flags.ns));
  DF_ASSIGN(settings.access.repository, repository_setting(flags.repository));
  DF_ASSIGN(settings.access.fingerprint, fingerprint_setting(flags.fingerprint));
  DF_ASSIGN(settings.key, key_setting(flags.keyfile, stop));
  if (flags.record_latency)
    for (const ArchiveTarget& pair : settings.archives)
      DF_TRY(check_recording_file(*flags.record_latency, pair.target));
  DF_ASSIGN(settings.access.password,
            secret_or_prompt("PBS_PASSWORD",
                             settings.access.repository.uses_token() ? "secret of the API token"
                                                                     : "password for the server",
                             stop));
  return settings;
}

void add_restore_flags(CLI::App& command, RestoreFlags& flags) {
  command.add_option("SNAPSHOT", flags.snapshot, "vm/100/2025-07-07T08:00:00Z, or vm/100 for its newest")
      ->required();
  command.add_option("ARCHIVE", flags.archive, "drive-scsi0.img.fidx, or drive-scsi0.img")->required();
  command.add_option("TARGET", flags.target, "A file, a block device, null, or a target below")->required();
  command.add_option("MORE", flags.more, "More pairs of ARCHIVE and TARGET, restored together");
  command.add_option("--repository", flags.repository, "USER@REALM[!TOKEN]@HOST:PORT:DATASTORE");
  command.add_option("--fingerprint", flags.fingerprint, "SHA-256 of the server's certificate: pins it");
  command.add_option("--ns", flags.ns, "Namespace, such as team/prod");
  command.add_option("--keyfile", flags.keyfile, "Encryption key");
  command.add_flag("--require-signature", flags.require_signature,
                   "Refuse a manifest that is not signed with that key");
  command.add_option("--strategy", flags.strategy, "One of " + std::string(strategy_names()))
      ->capture_default_str();
  command.add_option("--depth", flags.depth, "Chunks in flight, 1 to 1024 (default 16), or auto");
  command.add_option("--threads", flags.threads, "Decode threads, 1 to 256 (default 4 or 2), or auto");
  command.add_option("--connections", flags.connections, "Connections, 1 to 64")->capture_default_str();
  command.add_option("--writers", flags.writers, "Writing threads of pipelined, 1 to 64 (default 1)");
  command.add_option("--zeros", flags.zeros, "Zero chunks: in-order or first");
  command.add_option("--buffers", flags.buffers, "Chunk memory: pool, or fresh for every chunk")
      ->capture_default_str();
  command.add_option("--chunk-cache", flags.chunk_cache, "Repeated chunks kept decoded, as upstream: 8")
      ->capture_default_str();
  command.add_option("--memory", flags.memory, "Chunk buffers that --depth auto may use")
      ->capture_default_str();
  command.add_flag("--one-by-one", flags.one_by_one, "Several images one after another, not together");
  command.add_option("--http2-window", flags.http2_window, "Flow-control window (default 2147483646B)");
  command.add_option("--http2-frame", flags.http2_frame, "Largest HTTP/2 frame (default 4MiB)");
  command
      .add_option("--cpu-features", flags.cpu_features,
                  "all, or what to do without: no-sha-ni,no-avx512,no-avx2")
      ->capture_default_str();
  command.add_option("--bystander", flags.bystander, "Measured beside it: cpu, sync-write, both, command:X");
  command.add_option("--bystander-budget", flags.bystander_budget, "What auto may do to it, such as p99<2x");
  command.add_option("--bystander-alone", flags.bystander_alone, "Measure the bystander alone for this long")
      ->capture_default_str();
  command.add_option("--floor", flags.floor, "Profile for the floor in --json: measured or stored")
      ->capture_default_str();
  command.add_option("--timeout", flags.timeout, "Give a silent server up after this long")
      ->capture_default_str();
  command.add_option("--retry-for", flags.retry_for, "Ask a lost server again for this long at least")
      ->capture_default_str();
  command.add_option("--record-latency", flags.record_latency,
                     "Write the times of every chunk request to this file");
  command.add_flag("--overwrite", flags.overwrite, "Permit a target file that is not empty");
  command.add_flag("--resume", flags.resume, "Go on: fetch only what the target does not hold yet");
  command.add_flag("--reuse-target", flags.reuse_target,
                   "Fetch only what an older copy, the target, has not");
  command.add_flag("--digest", flags.digest, "Take the SHA-256 of the whole image too");
  command.add_flag("--json", flags.json, "Print what was done as one JSON object");
  command.add_flag("--quiet", flags.quiet, "No progress");
}

}  // namespace depthfinder
