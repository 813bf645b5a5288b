-- SPDX-License-Identifier: Apache-2.0
-- What the statements for tokens need.

-- The scope of tokens: what was granted and is still allowed to the client, space-separated. In plpgsql, so that a caller's plan
-- holds a call and not a sub-select that it sets up each time; without SET, which costs more
-- than the function.
CREATE FUNCTION idp.scope_within(granted text, allowed text[]) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
BEGIN
	IF string_to_array(granted, ' ') <@ allowed THEN
		RETURN granted;
	END IF;
	RETURN coalesce((SELECT string_agg(g.name, ' ' ORDER BY g.at)
		FROM unnest(string_to_array(granted, ' ')) WITH ORDINALITY AS g (name, at) WHERE g.name = ANY (allowed)), '');
END $$;
GRANT EXECUTE ON FUNCTION idp.scope_within(text, text[]) TO pratu_web;
