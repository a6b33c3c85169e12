// SPDX-License-Identifier: MIT
// depthfinder restore: images of one snapshot from a server to their targets.
#include <algorithm>
#include <thread>

#include <fmt/format.h>
#include <unistd.h>

#include "harness/bystander/bystander_watch.h"
#include "harness/commands.h"
#include "harness/cpu_mask.h"
#include "harness/latency_recording.h"
#include "harness/restore_settings.h"
#include "harness/restore_summary.h"
#include "restore_core/client/api_client.h"
#include "restore_core/client/reader_client.h"
#include "restore_core/engine/progress.h"
#include "restore_core/engine/remedy.h"
#include "restore_core/engine/restore_engine.h"
#include "restore_core/hash/sha256.h"
#include "restore_core/sink/digest_sink.h"
#include "restore_core/sink/sink.h"

namespace depthfinder {
namespace {

constexpr const char* kRestoreExamples =
    "\nExamples:\n"
    "  export PBS_PASSWORD_FILE=~/pbs-password PBS_FINGERPRINT=64:d3:...:1b\n"
    "  depthfinder restore vm/100 drive-scsi0.img disk.raw \\\n"
    "      --repository root@pam@pbs.example:8007:tank\n"
    "  depthfinder restore vm/100/2025-07-07T08:00:00Z drive-scsi0.img.fidx null \\\n"
    "      --repository 'root@pam!token@pbs:tank' --depth 32 --threads 8 --json\n"
    "  depthfinder restore vm/100 drive-scsi0.img disk.raw --strategy pipelined \\\n"
    "      --depth auto --threads auto --repository root@pam@pbs.example:8007:tank\n"
    "  depthfinder restore vm/100 drive-scsi0.img a.raw drive-scsi1.img b.raw \\\n"
    "      --strategy pipelined --repository root@pam@pbs.example:8007:tank\n"
    "  depthfinder restore vm/100 drive-scsi0.img null --depth 1 \\\n"
    "      --record-latency trace.json --repository root@pam@pbs.example:8007:tank\n"
    "  depthfinder restore vm/100 drive-scsi0.img disk.raw --resume \\\n"
    "      --repository root@pam@pbs.example:8007:tank\n"
    "--record-latency writes when each chunk request was sent and answered, for the\n"
    "mock server to replay. Depth 1 records the server's own latency; depth N records\n"
    "what N requests in flight made of it.\n"
    "Environment: PBS_REPOSITORY, PBS_PASSWORD, PBS_FINGERPRINT,\n"
    "PBS_ENCRYPTION_PASSWORD (passwords also as _FILE, _FD, _CMD),\n"
    "PBS_RESTORE_FETCH_CONCURRENCY (--depth), PBS_RESTORE_MAX_THREADS (--threads).\n"
    "Exit status: 0 restored, 2 usage, 4 integrity, 6 connection or I/O,\n"
    "130 interrupted.";

// An image and its sink, with the image's digest taken on the way where it is asked for.
struct OpenImage {
  std::string archive;
  ImageToRestore image;
  std::unique_ptr<Sink> sink;
  DigestSink* digest = nullptr;  // part of `sink`
};

Result<std::vector<OpenImage>> open_images(const RestoreFlags& flags, const RestoreSettings& settings,
                                           ReaderClient& client, const CryptConfig* key) {
  DF_ASSIGN(const Manifest manifest, client.manifest(key, signature_rule(flags.require_signature)));
  if (key != nullptr && !manifest.signature && !flags.quiet)
    fmt::print(stderr, "note: the manifest is not signed; --require-signature refuses such a one\n");
  std::vector<OpenImage> images;
  for (const ArchiveTarget& pair : settings.archives) {
    DF_ASSIGN(ImageToRestore image, client.open_image(manifest, pair.archive));
    images.push_back({pair.archive, std::move(image), nullptr});
  }
  return images;
}

// After all indexes were read, so that no target is touched when one of them is bad.
Result<void> open_sinks(const RestoreFlags& flags, const RestoreSettings& settings,
                        std::vector<OpenImage>& images, const std::stop_token& stop) {
  for (std::size_t i = 0; i < images.size(); ++i) {
    const FixedIndex& index = images[i].image.index;
    DF_ASSIGN(images[i].sink,
              open_sink(settings.archives[i].target, index.image_bytes,
                        {flags.overwrite, std::max(1, settings.engine.writers), settings.old_data, stop}));
    if (!flags.digest) continue;
    const std::uint64_t window_bytes =
        2 * static_cast<std::uint64_t>(settings.engine.depth) * index.chunk_size;
    auto digest = std::make_unique<DigestSink>(std::move(images[i].sink), index.image_bytes, window_bytes);
    images[i].digest = digest.get();
    images[i].sink = std::move(digest);
  }
  return {};
}

// What an automatic depth and automatic threads may be at most.
DepthLimits settle_limits(RestoreSettings& settings, const std::vector<OpenImage>& images) {
  std::uint64_t chunk_bytes = 1;
  for (const OpenImage& image : images) chunk_bytes = std::max(chunk_bytes, image.image.index.chunk_size);
  const int cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  const DepthLimits limits = depth_limits(settings.memory_budget_bytes, chunk_bytes, cores, std::nullopt);
  if (settings.engine.depth_auto) settings.engine.depth = std::min(limits.depth_max, kDepthMax);
  if (settings.engine.threads_auto) settings.engine.threads = std::min(limits.threads_max, kThreadsMax);
  return limits;
}

void announce(const EngineSettings& engine, const std::vector<OpenImage>& images) {
  const auto count = [](int number, bool automatic) {
    return automatic ? fmt::format("auto (at most {})", number) : fmt::format("up to {}", number);
  };
  if (engine.threads > 0)
    fmt::print(stderr, "using {} threads\n", count(engine.threads, engine.threads_auto));
  fmt::print(stderr, "fetching {} chunks in parallel\n", count(engine.depth, engine.depth_auto));
  for (const OpenImage& image : images)
    if (const std::string how = image.sink->description(); !how.empty())
      fmt::print(stderr, "{}: {}\n", image.archive, how);
}

ProgressStyle progress_style() {
  return ::isatty(STDERR_FILENO) != 0 ? ProgressStyle::bar : ProgressStyle::lines;
}

void print_progress(std::string_view text) {
  fmt::print(stderr, "{}", text);
  std::fflush(stderr);
}

// One restore of some of the images, with its progress.
Result<RestoreStats> restore_together(const std::vector<ImageTarget>& targets, const EngineSettings& engine,
                                      const AutoSettings& automatic, ReaderClient& client, bool quiet,
                                      const std::stop_token& stop) {
  const SteadyClock clock;
  ProgressPrinter printer(progress_style(), print_progress, clock);
  const auto show = [&](const ProgressSample& sample) {
    if (!quiet) printer.update(sample);
  };
  Result<RestoreStats> stats = restore_images(targets, engine, client.chunks(), show, stop, automatic);
  if (!stats) {
    printer.interrupt();
  } else if (!quiet) {
    printer.complete(stats->logical_bytes, stats->duration);
  }
  return stats;
}

Result<RestoreStats> restore_all(const RestoreFlags& flags, const EngineSettings& engine,
                                 const AutoSettings& automatic, const std::vector<OpenImage>& images,
                                 const CryptConfig* key, ReaderClient& client, const std::stop_token& stop) {
  std::vector<ImageTarget> targets;
  for (const OpenImage& open : images)
    targets.push_back({{open.image.index, open.image.crypt_mode, key}, *open.sink, open.archive});
  if (!flags.one_by_one) return restore_together(targets, engine, automatic, client, flags.quiet, stop);
  RestoreStats sum;
  for (const ImageTarget& target : targets) {
    DF_ASSIGN(const RestoreStats one,
              restore_together({target}, engine, automatic, client, flags.quiet, stop));
    append_restore(sum, one);
  }
  return sum;
}

Result<void> record(const std::string& file, ReaderClient& client, bool quiet) {
  const std::vector<LatencySample> samples = client.take_latency_samples();
  DF_TRY(write_recording(file, samples));
  if (!quiet) fmt::print(stderr, "recorded {} chunk requests in {}\n", samples.size(), file);
  return {};
}

// Measures the bystander alone; nothing where there is none.
Result<std::optional<BystanderWatch>> start_bystander(const RestoreSettings& settings, bool quiet,
                                                      const std::stop_token& stop) {
  if (!settings.bystander) return std::optional<BystanderWatch>();
  if (!quiet)
    fmt::print(stderr, "measuring the bystander ({}) alone for {} s\n", bystander_text(*settings.bystander),
               to_seconds(settings.bystander_alone));
  DF_ASSIGN(BystanderWatch watch, BystanderWatch::start(*settings.bystander, settings.bystander_alone, stop));
  return std::optional(std::move(watch));
}

AutoSettings automatic_settings(const DepthLimits& limits, const RestoreSettings& settings,
                                std::optional<BystanderWatch>& bystander) {
  AutoSettings automatic{limits.depth_start, limits.threads_start, std::nullopt};
  if (!bystander || !settings.bystander_budget) return automatic;
  const BystanderPercentile percentile = settings.bystander_budget->percentile;
  automatic.bystander = BystanderGauge{[&bystander, percentile] { return bystander->live_ratio(percentile); },
                                       settings.bystander_budget->factor};
  return automatic;
}

bool any_encrypted(const std::vector<OpenImage>& images) {
  return std::any_of(images.begin(), images.end(),
                     [](const OpenImage& open) { return open.image.crypt_mode == CryptMode::encrypt; });
}

bool writes_file(const RestoreSettings& settings) {
  return std::any_of(settings.archives.begin(), settings.archives.end(),
                     [](const ArchiveTarget& pair) { return names_path(pair.target); });
}

void describe_images(const std::vector<OpenImage>& images, RestoreSummary& summary) {
  for (const OpenImage& image : images) {
    std::optional<Digest> digest;
    if (image.digest != nullptr) digest = image.digest->digest();
    summary.images.push_back({image.archive, digest});
  }
}

Result<RestoreSummary> run(const RestoreFlags& flags, const std::stop_token& stop) {
  DF_ASSIGN(RestoreSettings settings, restore_settings(flags, stop));
  const CryptConfig* key = settings.key ? &*settings.key : nullptr;
  DF_ASSIGN(const SnapshotName snapshot,
            find_snapshot(settings.access, settings.ns, flags.snapshot, stop,
                          {settings.reader.connect_timeout, settings.reader.answer_timeout}));
  DF_ASSIGN(const std::unique_ptr<ReaderClient> client,
            ReaderClient::connect(settings.access, snapshot, settings.ns, settings.reader, stop));
  settings.access.password.clear();  // the client keeps what it needs to log in again
  auto opened = open_images(flags, settings, *client, key);
  if (!opened) return pass_on(with_remedy(opened.error()));
  std::vector<OpenImage> images = *std::move(opened);
  const DepthLimits limits = settle_limits(settings, images);
  DF_TRY(open_sinks(flags, settings, images, stop));
  DF_ASSIGN(std::optional<BystanderWatch> bystander, start_bystander(settings, flags.quiet, stop));
  if (!flags.quiet) announce(settings.engine, images);
  if (bystander) DF_TRY(bystander->begin(stop));
  RestoreSummary summary;
  DF_ASSIGN(summary.stats,
            restore_all(flags, settings.engine, automatic_settings(limits, settings, bystander), images, key,
                        *client, stop));
  summary.usage = process_usage();
  if (!flags.quiet && settings.old_data != OldData::drop)
    fmt::print(stderr, "{} of {} bytes were on the target already\n", summary.stats.reused_bytes,
               summary.stats.logical_bytes);
  if (bystander) {
    DF_ASSIGN(summary.bystander, bystander->finish());
  }
  summary.settings = settings.engine;
  summary.reader = settings.reader;
  summary.sha256_kernel = sha256_kernel();
  summary.openssl_cpu_settings = openssl_cpu_settings();
  describe_images(images, summary);
  // The floor knows of no chunks that are read from the target.
  if (flags.json && settings.old_data == OldData::drop)
    summary.cpu_floor_s =
        restore_floor_s(summary.stats, any_encrypted(images), writes_file(settings), settings.floor, stop);
  if (flags.record_latency) DF_TRY(record(*flags.record_latency, *client, flags.quiet));
  return summary;
}

Result<ExitStatus> restore(const RestoreFlags& flags, const std::stop_token& stop) {
  DF_TRY(apply_cpu_features(flags.cpu_features));
  DF_ASSIGN(const RestoreSummary summary, run(flags, stop));
  if (flags.json) {
    fmt::print("{}\n", restore_summary_json(summary));
    return ExitStatus::done;
  }
  if (summary.bystander && !flags.quiet)
    fmt::print(stderr, "the bystander ({}) took {:.2f} times as long at p50, {:.2f} times at p99\n",
               summary.bystander->kind, summary.bystander->ratio_p50, summary.bystander->ratio_p99);
  for (const RestoredImage& image : summary.images)
    if (image.sha256)
      fmt::print("image SHA-256 {}{}\n", to_hex(*image.sha256),
                 summary.images.size() > 1 ? "  " + image.archive : "");
  return ExitStatus::done;
}

}  // namespace

void add_restore_command(CLI::App& app, Command& chosen) {
  auto flags = std::make_shared<RestoreFlags>();
  CLI::App* command = app.add_subcommand("restore", "Restore images of one snapshot from a server");
  command->footer(fmt::format("{}\nTARGET is one of\n{}", kRestoreExamples, target_help()));
  add_restore_flags(*command, *flags);
  command->callback(
      [flags, &chosen] { chosen = [flags](const std::stop_token& stop) { return restore(*flags, stop); }; });
}

}  // namespace depthfinder
