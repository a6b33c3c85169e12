// SPDX-License-Identifier: MIT
// depthfinder ingest: a disk image into a datastore directory.
#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "harness/commands.h"
#include "harness/key_setting.h"
#include "mock_server/datastore/ingest.h"
#include "restore_core/base/units.h"

namespace depthfinder {
namespace {

struct IngestSettings {
  std::vector<std::string> images, archives;
  std::string datastore, snapshot, ns, keyfile;
  bool no_compress = false;
};

constexpr const char* kIngestExamples =
    "\nExamples:\n"
    "  depthfinder ingest disk.img --datastore /srv/store --snapshot vm/100\n"
    "  depthfinder ingest disk.img --datastore /srv/store \\\n"
    "      --snapshot vm/100/2025-07-07T08:00:00Z --keyfile key.json\n"
    "  depthfinder ingest a.img b.img --datastore /srv/store --snapshot vm/101 \\\n"
    "      --archive drive-scsi0.img.fidx --archive drive-scsi1.img.fidx\n"
    "The directory has PBS's own layout: a real PBS could serve it. A snapshot that\n"
    "is there already is refused; chunks that are there already are used again.";

// "vm/100" is the group: the time is now then.
Result<SnapshotName> snapshot_setting(const std::string& text) {
  const bool group = std::count(text.begin(), text.end(), '/') == 1;
  const auto now =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch());
  return parse_snapshot_name(group ? text + "/" + format_utc(now.count()) : text);
}

// Without --archive the images are drive-scsi0, drive-scsi1, ...
Result<std::vector<mock::IngestImage>> images_of(const IngestSettings& settings) {
  if (!settings.archives.empty() && settings.archives.size() != settings.images.size())
    return fail(ErrorKind::bad_input, "{} images and {} archives: give one --archive for each image, or none",
                settings.images.size(), settings.archives.size());
  std::vector<mock::IngestImage> images;
  for (std::size_t i = 0; i < settings.images.size(); ++i) {
    const std::string name =
        settings.archives.empty() ? fmt::format("drive-scsi{}.img.fidx", i) : settings.archives[i];
    DF_ASSIGN(std::string archive, complete_archive_name(name));
    images.push_back({settings.images[i], std::move(archive)});
  }
  return images;
}

Result<ExitStatus> ingest(const IngestSettings& settings, const std::stop_token& stop) {
  mock::IngestOptions options;
  DF_ASSIGN(const std::vector<mock::IngestImage> images, images_of(settings));
  options.image = images.front().image;
  options.archive = images.front().archive;
  options.more.assign(images.begin() + 1, images.end());
  options.datastore = settings.datastore;
  DF_ASSIGN(options.snapshot, snapshot_setting(settings.snapshot));
  DF_ASSIGN(options.ns, parse_namespace(settings.ns));
  options.compress = !settings.no_compress;
  DF_ASSIGN(const std::optional<CryptConfig> key, key_setting(settings.keyfile, stop));
  if (key) options.key = &*key;

  std::uint64_t percent_shown = 0;
  const auto progress = [&](std::uint64_t done, std::uint64_t total) {
    const std::uint64_t percent = total == 0 ? 100 : done * 100 / total;
    if (percent / 10 == percent_shown / 10) return;
    percent_shown = percent;
    fmt::print(stderr, "{}% of {}\n", percent, format_byte_count(total));
  };
  DF_ASSIGN(const std::vector<mock::IngestResult> results, mock::ingest_images(options, progress, stop));
  fmt::print("snapshot {}\n", options.snapshot.to_string());
  for (std::size_t i = 0; i < results.size(); ++i) {
    const mock::IngestResult& result = results[i];
    fmt::print("archive {}\nimage {} bytes, SHA-256 {}\n", images[i].archive, result.image_bytes,
               to_hex(result.image_sha256));
    fmt::print("{} chunks ({} zero), {} new, {} written\n", result.chunks, result.zero_chunks,
               result.chunks_written, format_byte_count(result.bytes_written));
  }
  return ExitStatus::done;
}

}  // namespace

void add_ingest_command(CLI::App& app, Command& chosen) {
  auto options = std::make_shared<IngestSettings>();
  CLI::App* command = app.add_subcommand("ingest", "Write disk images into a datastore directory");
  command->footer(kIngestExamples);
  command->add_option("IMAGE", options->images, "A file or block device, or several")->required();
  command->add_option("--datastore", options->datastore, "The directory; made when it is not there")
      ->required();
  command->add_option("--snapshot", options->snapshot, "vm/100/2025-07-07T08:00:00Z, or vm/100 for now")
      ->required();
  command->add_option("--ns", options->ns, "Namespace, such as team/prod");
  command
      ->add_option("--archive", options->archives, "Name of an image's archive (drive-scsi0.img.fidx, ...)")
      ->allow_extra_args(false);
  command->add_option("--keyfile", options->keyfile, "Encrypt the chunks and sign the manifest");
  command->add_flag("--no-compress", options->no_compress, "Store chunks as they are");
  command->callback([options, &chosen] {
    chosen = [options](const std::stop_token& stop) { return ingest(*options, stop); };
  });
}

}  // namespace depthfinder
