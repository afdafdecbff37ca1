"""The hooks into the SDK's `Stream`, and into what batches use."""

from __future__ import annotations

from singer_sdk import Stream
from singer_sdk.helpers import _batch, _catalog

from tap_voicecalls.output.sdk_hooks.hook import Hook

STREAM_HOOKS = (
    # How a stream is read and written.
    Hook(
        Stream,
        "_sync_records",
        "overrides",
        "writes records as lines of JSON without decoding them",
        "the same lines are written, several times slower; deselected feeders fail",
    ),
    Hook(
        Stream,
        "_write_schema_message",
        "overrides",
        "announces `calls` before its first call, although other streams write it",
        "`calls` is announced twice",
    ),
    Hook(
        Stream,
        "_write_record_message",
        "calls",
        "writes calls that are mapped or flattened",
        "such calls end the run",
    ),
    Hook(
        Stream,
        "_write_batch_message",
        "calls",
        "writes batches of calls",
        "batches of calls end the run",
    ),
    Hook(
        Stream,
        "_stream_version",
        "reads",
        "sees that records carry a version, and leaves them to the SDK",
        "each run ends at its first stream",
        of_instance=True,
    ),
    Hook(
        Stream,
        "get_batch_config",
        "overrides",
        "writes no batches of streams that are deselected, removed or mapped to several",
        "batch files of such streams are written",
    ),
    Hook(
        Stream,
        "get_batches",
        "overrides",
        "applies stream maps and flattening to the records of batches",
        "the files of batches hold fields that their SCHEMA lacks",
    ),
    Hook(
        _catalog,
        "pop_deselected_record_properties",
        "calls",
        "removes deselected fields from the records of batches",
        "the tap does not start",
    ),
    Hook(
        _batch,
        "BatchConfig",
        "calls",
        "checks the setting `batch_config` before anything is read",
        "the tap does not start",
    ),
    Hook(
        _batch.StorageTarget,
        "open",
        "overrides",
        "gives the files of the SDK's batches their names when they are whole",
        "a killed run may leave half a file, under the name of a whole one",
    ),
    Hook(
        _batch,
        "SDKBatchMessage",
        "calls",
        "announces the files of a batch that the tap makes itself",
        "the tap does not start",
    ),
    # Which streams are read.
    Hook(
        Stream,
        "partitions",
        "overrides",
        "reads each account as a partition of the state",
        "streams are read without an account",
    ),
    Hook(
        Stream,
        "child_streams",
        "calls",
        "has a deselected stream read because it feeds `calls`",
        "the tap does not start: `SdkStream.read_also_if_deselected` checks the effect",
        of_instance=True,
    ),
    Hook(
        Stream,
        "has_selected_descendents",
        "reads",
        "checks that a deselected stream is read because it feeds `calls`",
        "the tap does not start",
    ),
    Hook(
        Stream,
        "generate_child_contexts",
        "overrides",
        "keeps the SDK from reading `calls` once for each record of the stream that feeds it",
        "mapped or batched records cost a sync of `calls` each, which writes nothing",
    ),
    Hook(
        Stream,
        "ABORT_AT_RECORD_COUNT",
        "reads",
        "marks a test of the connection",
        "`--test` ends with an error",
    ),
    # The state.
    Hook(
        Stream,
        "_increment_stream_state",
        "overrides",
        "keeps records from moving the bookmark, as only complete windows do",
        "the bookmark passes calls that still change, and their last form is never read",
    ),
    Hook(
        Stream,
        "get_replication_key_signpost",
        "overrides",
        "keeps the SDK from limiting the bookmark to the start of the run",
        "the state has a signpost that nothing reads",
    ),
    Hook(
        Stream,
        "_write_starting_replication_value",
        "overrides",
        "keeps the SDK from parsing the bookmark",
        "the state has a starting value; a malformed bookmark ends the run of all streams",
    ),
    Hook(
        Stream,
        "_finalize_state",
        "calls",
        "completes the state of a partition that was read without the SDK",
        "each run ends at its first stream",
    ),
    Hook(
        Stream,
        "get_context_state",
        "calls",
        "reads and writes the bookmark of an account",
        "each run ends at its first stream",
    ),
    Hook(
        Stream,
        "emit_activate_version_messages",
        "overrides",
        "keeps `calls` from being activated after other streams have written it",
        "a target drops the calls of the run",
    ),
)
