-- What the clock of volumes looks for, every few seconds.
CREATE INDEX volume_piece_leaseless ON volume_piece (node_id) WHERE lease_id IS NULL AND state IN ('PLANNED', 'SPOOLED', 'STORED', 'SUSPECT', 'LEAVING');
CREATE INDEX volume_piece_kept ON volume_piece (node_id, audit_due_at) WHERE state IN ('STORED', 'SUSPECT', 'LEAVING');
CREATE INDEX volume_piece_lost ON volume_piece (lost_at) WHERE state IN ('MISSING', 'CORRUPT');
CREATE INDEX volume_piece_leaving ON volume_piece (node_id) WHERE state = 'LEAVING';
CREATE INDEX volume_piece_planned ON volume_piece (file_id) WHERE state = 'PLANNED';
CREATE INDEX kept_lease_ended ON kept_lease (ended_at) WHERE state = 'ENDED';
