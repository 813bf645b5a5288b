-- SPDX-License-Identifier: Apache-2.0
-- Where the server keeps its data, for who may know (owner_database), and whether that is on this machine.
-- params: none
-- returns: directory text, here boolean
-- rows: one
SELECT current_setting('data_directory') AS directory,
	inet_server_addr() IS NULL OR inet_server_addr() = inet_client_addr() AS here
