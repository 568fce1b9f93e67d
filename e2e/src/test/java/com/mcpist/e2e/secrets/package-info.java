/** That no secret is ever where somebody could read it. */
@NullMarked
package com.mcpist.e2e.secrets;

import org.jspecify.annotations.NullMarked;
