@NullMarked
package com.mcpist.deploy.secrets;

import org.jspecify.annotations.NullMarked;
